"""Starts the stack, lets Schemathesis loose on it, and asks that every call has succeeded once."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import requests

from stack import Stack

HERE = pathlib.Path(__file__).parent


def never_succeeded(document, seen):
    """The calls whose answer nobody has seen, so that nobody knows whether it is what is told."""
    for path, item in document["paths"].items():
        # What this very list is read from, before Schemathesis has its hooks.
        if path == "/openapi.json":
            continue
        for operation in item.values():
            told = [int(it) for it in operation["responses"] if it.startswith("2")]
            if not set(told) & set(seen.get(operation["operationId"], [])):
                yield operation["operationId"]


def main():
    binary, *more = sys.argv[1:]
    schemathesis = pathlib.Path(sys.executable).with_name("schemathesis")
    with Stack(os.path.abspath(binary)) as stack, tempfile.TemporaryDirectory() as folder:
        seen = pathlib.Path(folder, "seen.json")
        environment = {
            **os.environ,
            "PYTHONPATH": str(HERE),
            "SCHEMATHESIS_HOOKS": "hooks",
            "POSTERN_CONTRACT_URL": stack.url,
            "POSTERN_CONTRACT_SEEN": str(seen),
        }
        address = f"{stack.url}/openapi.json"
        command = [schemathesis, "--config-file", HERE / "schemathesis.toml", "run", *more, address]
        ended = subprocess.run(command, env=environment, cwd=folder, check=False)
        document = requests.get(address, timeout=30).json()
        answered = json.loads(seen.read_text()) if seen.exists() else {}
        missing = list(never_succeeded(document, answered))
    # Whoever asks for a part of it, by Schemathesis' own options, gets a part of it.
    if missing and not more:
        print("never succeeded:", ", ".join(missing))
        sys.exit(1)
    sys.exit(ended.returncode)


if __name__ == "__main__":
    main()
