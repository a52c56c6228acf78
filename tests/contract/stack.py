"""The local stack as a process, its clock and its mails."""

import datetime
import os
import re
import subprocess
import tempfile
import time

import requests


class Stack:
    """One stack with a folder of its own; a context that ends it."""

    def __init__(self, binary):
        self._folder = tempfile.TemporaryDirectory(prefix="postern-contract-")
        environment = {**os.environ, "POSTERN_PORT": "0", "POSTERN_DIR": self._folder.name}
        self._log = open(os.path.join(self._folder.name, "stack.log"), "w+b")
        self._process = subprocess.Popen([binary], env=environment, stdout=self._log, stderr=subprocess.STDOUT)
        self.url = None
        self._ahead = 0.0

    def __enter__(self):
        # A wait for a process to come up, not for anything that it does.
        for _ in range(600):
            if self._process.poll() is not None:
                break
            with open(self._log.name, encoding="utf-8", errors="replace") as log:
                found = re.search(r"^API (http://\S+)$", log.read(), re.MULTILINE)
            if found:
                self.url = found.group(1)
                return self
            time.sleep(0.1)
        raise RuntimeError("the stack did not start")

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(timeout=30)
        self._log.close()
        self._folder.cleanup()


class Local:
    """What the local stack offers besides the API."""

    def __init__(self, url):
        self.url = url
        self._session = requests.Session()
        self._ahead = 0.0
        self.advance(0)

    def _call(self, method, path, **rest):
        answer = self._session.request(method, f"{self.url}/_local{path}", timeout=60, **rest)
        answer.raise_for_status()
        return answer

    def advance(self, seconds):
        """Moves the one clock of all parts."""
        told = self._call("POST", "/clock", json={"advance_seconds": seconds}).json()["server_time"]
        server = datetime.datetime.fromisoformat(told.replace("Z", "+00:00")).timestamp()
        self._ahead = server - time.time()

    def now(self):
        """The server's present."""
        return time.time() + self._ahead

    def mails(self, address):
        """The texts of the mails to an address, the newest first, once all that is due has come."""
        self._call("POST", "/drain", json={})
        mails = self._call("GET", "/emails", params={"to": address}).json()
        mails = mails["emails"] if isinstance(mails, dict) else mails
        return [mail["text"] for mail in mails]

    def code(self, address, digits):
        """The newest code that was mailed to an address."""
        for text in self.mails(address):
            found = re.search(rf"(?m)^\s*(\d{{{digits}}})\s*$", text)
            if found:
                return found.group(1)
        raise LookupError(f"no code of {digits} digits was mailed")
