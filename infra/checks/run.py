"""Everything that is asked of the template before it is deployed: run.py OUT, where it is then found."""

import json
import os
import pathlib
import subprocess
import sys

import translate

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = pathlib.Path(sys.executable).parent


def main():
    """Translates, then asks everybody."""
    out = pathlib.Path(sys.argv[1])
    out.write_text(json.dumps(translate.translated(), indent=1))
    environment = {**os.environ, "AWS_DEFAULT_REGION": translate.REGION, "BC_SKIP_MAPPING": "TRUE"}
    wrong = 0
    for what, command in [
        ("cfn-lint", [PROGRAMS / "cfn-lint", "--regions", translate.REGION, "--", out]),
        ("checkov", [PROGRAMS / "checkov", "--config-file", HERE / "checkov.yaml", "--file", out]),
        ("rules", [sys.executable, "-B", "-m", "unittest", "--quiet", "test_template", "test_people"]),
    ]:
        done = subprocess.run(command, cwd=HERE, env=environment, check=False)
        print(f"{what}: {'passed' if done.returncode == 0 else 'failed'}", flush=True)
        wrong += done.returncode != 0
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
