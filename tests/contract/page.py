"""Starts the stack and shows its reference to a browser."""

import os
import pathlib
import subprocess
import sys

from stack import Stack

SCRIPT = pathlib.Path(__file__).with_name("page.cjs")


def main():
    (binary,) = sys.argv[1:]
    with Stack(os.path.abspath(binary)) as stack:
        shown = subprocess.run(["node", SCRIPT, stack.url], check=False)
    sys.exit(shown.returncode)


if __name__ == "__main__":
    main()
