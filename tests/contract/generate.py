"""Generates clients from the stack's document, and takes no warning."""

import os
import pathlib
import subprocess
import sys
import tempfile

import requests

from stack import Stack

LANGUAGES = ["kotlin", "swift6"]
# Said of every document of OpenAPI 3.1, whatever is in it.
SAID_OF_ALL = "OpenAPI 3.1 support is still in beta"


def complaints(output):
    """The lines that say that something is not as the generator wants it."""
    bad = ("WARN", "ERROR", "Exception")
    return [it for it in output.splitlines() if any(word in it for word in bad) and SAID_OF_ALL not in it]


def generate(document, language, folder):
    """Generates one client, and says what was complained about."""
    generator = pathlib.Path(sys.executable).with_name("openapi-generator-cli")
    command = [generator, "generate", "-i", document, "-g", language, "-o", folder]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    found = complaints(made.stdout + made.stderr)
    if made.returncode != 0 and not found:
        found = [made.stdout + made.stderr]
    return found


def main():
    (binary,) = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        document = pathlib.Path(folder, "openapi.json")
        with Stack(os.path.abspath(binary)) as stack:
            document.write_bytes(requests.get(f"{stack.url}/openapi.json", timeout=30).content)
        failed = False
        for language in LANGUAGES:
            into = pathlib.Path(folder, language)
            found = generate(document, language, into)
            files = sum(1 for it in into.rglob("*") if it.is_file())
            print(f"{language}: {files} files, {len(found)} complaints", *found, sep="\n  ")
            failed = failed or bool(found) or not files
        sys.exit(failed)


if __name__ == "__main__":
    main()
