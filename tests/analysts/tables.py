"""What documents say about the columns of an export."""

import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
# How DuckDB calls what Athena's tables call otherwise.
TYPES = {"string": "VARCHAR", "bigint": "BIGINT", "timestamp": "TIMESTAMP WITH TIME ZONE"}


def documented():
    """The columns that the README of the command line tells: name, type in Parquet, kind in JSON Lines."""
    text = (ROOT / "events/replay/README.md").read_text()
    table = text.split("| column | in Parquet | in JSON Lines |", 1)[1].split("\n\n", 1)[0]
    rows = re.findall(r"^\| `(\w+)` \| ([A-Z ]+) \| ([\w –]+) \|", table, re.MULTILINE)
    assert len(rows) == table.count("\n| `"), "a row of the table isn't understood"
    return rows


def of_athena():
    """The columns of Athena's two tables: name and type, by the tables' names."""
    tables = {}
    text = (ROOT / "infra/athena.sql").read_text()
    for name, body in re.findall(r"CREATE EXTERNAL TABLE IF NOT EXISTS (\w+) \(\n(.*?)\n\)\n", text, re.DOTALL):
        lines = body.split(",\n")
        columns = [re.fullmatch(r"    `(\w+)` (\w+) COMMENT '([^']+)'", it) for it in lines]
        assert all(columns), f"a column of {name} isn't understood, or has no comment"
        tables[name] = [(it[1], it[2]) for it in columns]
    return tables
