"""The emulator as a process of its own, and clients of it."""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

REGION = "eu-central-1"
# Seconds until the emulator has to answer.
PATIENCE = 60


def free_port():
    """A port that nobody listens at right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Emulator:
    """A running emulator; it ends with the block that it is used in."""

    def __init__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = tempfile.TemporaryDirectory(prefix="postern-deployed-")
        self.log = pathlib.Path(self.folder.name) / "emulator.log"
        self.process = None

    def __enter__(self):
        environment = {
            **os.environ,
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": REGION,
            "LAMBDA_EXECUTOR": "local",
            # Policies of roles are enforced.
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            # Functions call back here, with the credentials of their roles.
            "AWS_ENDPOINT_URL": self.url,
            "TMPDIR": self.folder.name,
        }
        program = pathlib.Path(sys.executable).parent / "ministack"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [program], env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        self.wait()
        return self

    def wait(self):
        """Returns once it answers."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=2).close()
                return
            except (urllib.error.URLError, OSError):
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError(f"the emulator didn't start; it said:\n{self.log.read_text()}")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    def client(self, service):
        """A client of one service, as somebody who may do everything."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 2}, connect_timeout=5, read_timeout=120),
        )
