"""Makes the databases of places that tests read. Run it again and the same bytes come out."""

from datetime import datetime, timezone
from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet

HERE = Path(__file__).parent
BUILT = int(datetime(2026, 11, 1, 12, 0, tzinfo=timezone.utc).timestamp())

# Which names the commercial databases give to the same two facts.
FORMS = {
    "nested": lambda country, city: {
        **({} if country is None else {"country": {"iso_code": country}}),
        **({} if city is None else {"city": {"names": {"de": f"{city} (de)", "en": city}}}),
    },
    "flat-code": lambda country, city: {
        "country": "A name, not a code",
        **({} if country is None else {"country_code": country}),
        **({} if city is None else {"city": city}),
    },
    "flat": lambda country, city: {
        **({} if country is None else {"country": country}),
        **({} if city is None else {"city": city}),
    },
}

# In every database. Loopback addresses are what local tests can come from.
EVERYWHERE = [
    ("127.0.0.2/32", "CZ", "Prague"),
    ("127.0.0.3/32", "DE", "Berlin"),
    ("127.0.0.4/32", "US", None),
    ("192.0.2.0/25", "CZ", "Prague"),
    ("198.51.100.0/24", "DE", "Berlin"),
    ("203.0.113.0/24", "US", None),
]

# Only where addresses have 128 bits.
LONG = [("2001:db8:1::/48", "FR", "Saint-Étienne")]

# Networks that are at no place, whatever a database says about them.
NOWHERE = [
    ("10.0.0.0/8", "US", "Private"),
    ("172.16.0.0/12", "US", "Private"),
    ("192.168.0.0/16", "US", "Private"),
    ("100.64.0.0/10", "US", "Shared"),
    ("169.254.0.0/16", "US", "Link-local"),
    ("fc00::/7", "US", "Unique local"),
    ("fe80::/10", "US", "Link-local"),
]

# Values that a database should not hold.
ODD = [
    ("192.0.2.129/32", "cz", "Prague\u202e"),
    ("192.0.2.130/32", "CZE", "C" * 65),
    ("192.0.2.131/32", "ZZ", "Line\nbreak"),
    ("192.0.2.132/32", None, " Brno "),
]

# Records of no known form.
BROKEN = [
    ("192.0.2.140/32", {"country": 7, "city": ["Prague"]}),
    ("192.0.2.141/32", "CZ"),
    ("192.0.2.142/32", {"country": {"iso_code": 7}, "city": {"names": {"en": "Prague"}}}),
]


class Writer(MMDBWriter):
    """A writer whose databases are all of the same day."""

    def _build_meta(self):
        return {**super()._build_meta(), "build_epoch": BUILT}


def make(name, version, networks, broken=()):
    writer = Writer(version, f"Postern-Test-{name}", ipv4_compatible=version == 6)
    for network, country, city in networks:
        writer.insert_network(IPSet([network]), FORMS[name](country, city))
    for network, record in broken:
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(HERE / f"{name}.mmdb"))


make("nested", 6, EVERYWHERE + LONG + NOWHERE + ODD, BROKEN)
make("flat-code", 6, EVERYWHERE + LONG)
make("flat", 4, EVERYWHERE)
