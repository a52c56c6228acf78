"""Reads an export as analysts do, in both forms, and holds against each other what is told of it."""

import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import duckdb
import pandas

import tables

QUERIES = tables.ROOT / "events/queries"
VIEW = QUERIES / "log.sql"
# Enough that something of everything happens.
HISTORY = ["--accounts", "300", "--days", "30", "--seed", "7"]
# The columns of a line, by what JSON has for each kind.
KINDS = {"text": str, "number": int, "object": dict, "array": list}


class Postern:
    """The command line."""

    def __init__(self, binary, work):
        self.binary = os.path.abspath(binary)
        self.work = work
        # Nothing of whoever runs this is read or kept.
        self.environment = {**os.environ, "XDG_CACHE_HOME": str(work / "cache")}

    def __call__(self, *arguments):
        command = [self.binary, *map(str, arguments)]
        ended = subprocess.run(
            command, env=self.environment, cwd=self.work, check=False, capture_output=True, text=True
        )
        assert ended.returncode == 0, f"{command}: {ended.stderr}"
        return ended.stdout


def open_log(folder):
    """A connection with the view `log`."""
    connection = duckdb.connect()
    connection.execute("SET VARIABLE log = $folder", {"folder": str(folder)})
    connection.execute(VIEW.read_text())
    return connection


def described(connection, what):
    """Names and types of columns."""
    return [row[:2] for row in connection.execute(f"DESCRIBE {what}").fetchall()]


def asked(connection, name):
    """The rows of a query, as dictionaries."""
    told = connection.execute((QUERIES / f"{name}.sql").read_text())
    names = [it[0] for it in told.description]
    return [dict(zip(names, row, strict=True)) for row in told.fetchall()]


def queries():
    """The names of all queries."""
    return sorted(it.stem for it in QUERIES.glob("*.sql") if it != VIEW)


def equal(what, left, right):
    """Fails where two things that should be equal are not."""
    if left != right:
        sys.exit(f"{what}: {left!r}\n  is not {right!r}")


def lines_of(folder):
    """The lines of an export, parsed."""
    for path in sorted(folder.glob("*/*.jsonl")):
        with path.open() as file:
            yield from map(json.loads, file)


def columns_are_documented(connection, folders):
    """Columns, their order and their types, here and in documents."""
    parquet, jsonl = folders
    raw = described(connection, f"FROM read_parquet('{parquet}/*/*.parquet', hive_partitioning = false)")
    documented = tables.documented()
    equal("columns of Parquet, and as documented", raw, [(name, kind) for name, kind, _ in documented])
    athena = tables.of_athena()
    in_athena = [(name, tables.TYPES[kind]) for name, kind in athena["postern_log"]]
    equal("columns of Parquet, and of Athena's table", raw, in_athena)

    kinds = {name: kind for name, _, kind in documented if kind != "–"}
    types = {name: "bigint" if kind == "number" else "string" for name, kind in kinds.items()}
    equal("columns of JSON Lines, and of Athena's table", list(types.items()), athena["postern_log_jsonl"])
    seen = set()
    for line in lines_of(jsonl):
        equal("members of a line that aren't documented", set(line) - set(kinds), set())
        for name, value in line.items():
            if not isinstance(value, KINDS[kinds[name]]) and name != "state":
                sys.exit(f"{name} is not of the kind {kinds[name]}: {value!r}")
        seen.update(line)
    # These two are for what can't be read as it was written, which no history here has.
    equal("members that no line has", set(kinds) - seen, {"events", "broken"})


def rows_are_equal(logs):
    """Every row and every answer, from both forms."""
    parquet, jsonl = logs
    equal("types of the views", described(parquet, "log"), described(jsonl, "log"))
    every = "SELECT * FROM log ORDER BY stream, sequence"
    left, right = (it.execute(every).fetchall() for it in logs)
    equal("how many rows there are", len(left), len(right))
    for pair in zip(left, right, strict=True):
        equal("a row", *pair)
    for name in queries():
        rows = [asked(it, name) for it in logs]
        equal(f"{name} of Parquet and of JSON Lines", *rows)
        if not rows[0]:
            sys.exit(f"{name} finds nothing: the history is too small")


def figures_are_those_of_stats(connection, stats):
    """What queries count, and what `postern stats` does."""
    funnel = collections.Counter()
    for row in asked(connection, "funnel"):
        funnel.update({name: count for name, count in row.items() if isinstance(count, int)})
        funnel["without_code"] += row["attempts"] - row["code_needed"]
    told = stats["funnel"]
    for name in ["attempts", "without_code", "code_needed", "code_issued", "verified", "completed", "trusted"]:
        equal(f"funnel: {name}", funnel[name], told[name])
    for name in ["denied", "reported", "cancelled", "superseded", "locked", "expired", "still_open"]:
        equal(f"funnel: {name}", funnel[name], told["lost"].get(name.replace("_", " "), 0))
    lost = set(told["lost"]) - {name.replace("_", " ") for name in funnel}
    equal("ends of attempts that the query doesn't know", lost, set())

    by_country, by_hour, without = collections.Counter(), collections.Counter(), 0
    for row in asked(connection, "refusals"):
        by_country[row["country"]] += row["refused"]
        by_hour[str(row["hour"])] += row["refused"]
        without += row["without_account"]
    equal("refusals by country", dict(by_country), stats["refused_by_country"])
    equal("refusals by hour", dict(by_hour), stats["refused_by_hour"])
    equal("refusals without an account", without, stats["refused_without_account"])

    deliveries = {}
    for row in asked(connection, "deliveries"):
        channel = deliveries.setdefault(row["channel"], {"messages": 0, "sent": 0, "failures": {}})
        if row["what"] == "claimed":
            channel["messages"] = row["messages"]
        elif row["what"] == "sent":
            channel["sent"] = row["messages"]
        else:
            what = " ".join(filter(None, [row["what"], row["because"]]))
            channel["failures"][what] = row["times"]
    equal("deliveries", deliveries, stats["deliveries"])

    times = {(row.pop("channel"), row.pop("what")): row for row in asked(connection, "time_to_code")}
    told = {
        (channel, what): time
        for channel, of in stats["time_to_code"].items()
        for what, time in of.items()
        if time["count"]
    }
    equal("times to code", times, told)

    wrong = connection.execute("SELECT count(*) FROM log WHERE type LIKE '%.code_rejected'").fetchone()[0]
    equal("wrong codes", wrong, stats["wrong_codes"])
    spent = sum(row["wrong_codes"] for row in asked(connection, "fewer_guesses"))
    equal("wrong codes of attempts that had one", spent, wrong)


def devices_are_those_of_accounts(connection, accounts):
    """How many devices are trusted, and what the rules say of each account."""
    counted = collections.Counter()
    for line in accounts.splitlines():
        state = json.loads(line)["state"]
        if isinstance(state, dict) and "open" in state:
            counted[len(state["open"]["devices"])] += 1
    told = {row["devices"]: row["accounts"] for row in asked(connection, "trusted_devices")}
    equal("trusted devices", told, dict(counted))


def counts_are_those_of_the_export(connection, folder):
    """Rows, streams and days, and what the export says of itself."""
    summary = json.loads((folder / "_export.json").read_text())
    told = connection.execute(
        "SELECT count(*), count(DISTINCT stream), count(DISTINCT date) FROM log"
    ).fetchone()
    equal(f"{folder.name}/_export.json", (summary["events"], summary["streams"], summary["days"]), told)
    astray = connection.execute("SELECT count(*) FROM log WHERE time::DATE IS DISTINCT FROM date").fetchone()
    equal("rows in another day's folder", astray, (0,))


def pandas_reads_both(folders, rows):
    """Both forms as frames."""
    parquet, jsonl = folders
    columnar = pandas.read_parquet(parquet)
    files = sorted(jsonl.glob("*/*.jsonl"))
    lines = pandas.concat([pandas.read_json(it, lines=True) for it in files], ignore_index=True)
    equal("rows in pandas", (len(columnar), len(lines)), (rows, rows))
    equal("the type of time in pandas", str(columnar["time"].dt.tz), "UTC")
    lines["time"] = pandas.to_datetime(lines["time"], format="ISO8601")
    key = ["stream", "sequence"]
    columnar, lines = (it.sort_values(key, ignore_index=True) for it in (columnar, lines))
    for name in ["stream", "sequence", "commit", "id", "type", "version", "policy", "actor"]:
        equal(f"{name} in pandas", columnar[name].tolist(), lines[name].tolist())
    equal("time in pandas", columnar["time"].tolist(), lines["time"].tolist())
    equal("data in pandas", [json.loads(it) for it in columnar["data"]], lines["data"].tolist())


def main():
    (binary,) = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        postern = Postern(binary, work)
        made, nothing = work / "made", work / "nothing.jsonl"
        postern("generate", made, *HISTORY)
        nothing.touch()
        folders = [work / "parquet", work / "jsonl"]
        for it in folders:
            postern("export", it, "--from", made, "--format", it.name)
            empty = work / f"no-{it.name}"
            postern("export", empty, "--from", nothing, "--format", it.name)
            connection = open_log(empty)
            for name in queries():
                equal(f"{name} on a log without events", asked(connection, name), [])
        logs = [open_log(it) for it in folders]
        for connection, it in zip(logs, folders, strict=True):
            counts_are_those_of_the_export(connection, it)
        columns_are_documented(logs[0], folders)
        rows_are_equal(logs)
        figures_are_those_of_stats(logs[0], json.loads(postern("stats", "--from", made, "--json")))
        devices_are_those_of_accounts(logs[0], postern("replay", "accounts", "--from", made))
        rows = json.loads((folders[0] / "_export.json").read_text())["events"]
        pandas_reads_both(folders, rows)
        print(f"{len(queries())} queries agree over {rows} events in both forms")


if __name__ == "__main__":
    main()
