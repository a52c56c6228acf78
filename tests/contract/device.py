"""A device: a key pair, proofs of it (RFC 9449), calls."""

import base64
import hashlib
import itertools
import json
import secrets

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from requests.adapters import HTTPAdapter

VERSION = "99.0"
_numbers = itertools.count()


def _text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class _From(HTTPAdapter):
    def __init__(self, address):
        self._address = address
        super().__init__()

    def init_poolmanager(self, *positional, **named):
        named["source_address"] = (self._address, 0)
        super().init_poolmanager(*positional, **named)


def call_from_everywhere():
    """From here on every call of this process comes from an address of loopback that none came from
    before: the API counts networks, and nobody's count is what is tested."""

    def another(_session, url):  # The name is requests'.
        number = next(_numbers)
        return _From(f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}")

    requests.Session.get_adapter = another


class Device:
    """A device with a key, and with a session once it has got one."""

    def __init__(self, local):
        self._local = local
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.session = None
        self.since = 0.0
        numbers = self._key.public_key().public_numbers()
        x, y = (_text(it.to_bytes(32, "big")) for it in (numbers.x, numbers.y))
        self._jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def headers(self, method, path, with_token):
        """What proves a call of this device to this path."""
        claims = {
            "htm": method,
            "htu": self._local.url + path,
            "iat": int(self._local.now()),
            "jti": secrets.token_urlsafe(16),
        }
        headers = {"X-App-Version": VERSION}
        if with_token:
            token = self.session["access_token"]
            claims["ath"] = _text(hashlib.sha256(token.encode()).digest())
            headers["Authorization"] = f"DPoP {token}"
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self._jwk}
        signed = ".".join(_text(json.dumps(part).encode()) for part in (head, claims))
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        signature = _text(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        headers["DPoP"] = f"{signed}.{signature}"
        return headers

    def call(self, method, path, members=None, with_token=False):
        """Calls, and fails where the answer is a problem."""
        headers = self.headers(method, path, with_token)
        url = self._local.url + path
        answer = requests.request(method, url, headers=headers, json=members, timeout=60)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        told = answer.json() if answer.content else {}
        if isinstance(told.get("session"), dict):
            self.take(told["session"])
        return told

    def take(self, session):
        """Keeps a session."""
        self.session, self.since = session, self._local.now()

    def renew(self):
        """Gets another access token before this one is too old for a call."""
        if self._local.now() - self.since > 200:
            self.take(self.call("POST", "/v1/tokens", {"refresh_token": self.session["refresh_token"]}))
