"""Whether each function, and each operators' role, may do what it does, and does what it may: rights.py FILE.

FILE lists the rights on tables that they used while every journey was played, as the local stack
writes it down (POSTERN_RIGHTS): function, action, table, kind of key.
"""

import fnmatch
import pathlib
import sys

from template import Template, listed

NAMES = {"SignIn": "sign-in", "Account": "account", "Project": "project", "Notify": "notify", "Feedback": "feedback",
         "Restorer": "restorer", "Operator": "operator", "Discloser": "discloser"}
TABLES = ["Events", "Vault", "Guards", "Sessions", "Views"]
# Granted for what no journey can bring about.
UNUSED = {
    # An attempt whose state another release wrote is folded anew from all its events.
    ("project", "Query", "events"),
}
# Kinds of keys that a journey touches only if something is late in it.
RARE = {
    # The sweep reads what asked for a message that nobody has sent in time.
    ("notify", "events", "support/*"),
}


def granted():
    """What each role may do on tables: function, action, table, patterns of keys."""
    template = Template()
    for function in NAMES:
        for statement in template.statements(f"{function}Role"):
            keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", ["*"])
            for table in TABLES:
                if {"Fn::GetAtt": [table, "Arn"]} in listed(statement["Resource"]):
                    for action in listed(statement["Action"]):
                        yield NAMES[function], action.removeprefix("dynamodb:"), table.lower(), keys


def main():
    """Compares, and prints what differs."""
    used = {tuple(line.split(" ", 3)) for line in pathlib.Path(sys.argv[1]).read_text().splitlines()}
    # Journeys look into the tables too.
    used = {it for it in used if it[0] in NAMES.values()}
    rights = list(granted())
    wrong = []
    for function, action, table, key in sorted(used):
        allowed = [keys for who, what, where, keys in rights if (who, what, where) == (function, action, table)]
        if not any(fnmatch.fnmatchcase(key, pattern) for keys in allowed for pattern in keys):
            wrong.append(f"{function} needs {action} on {table} for {key}")
    for function, action, table, keys in rights:
        if (function, action, table) in UNUSED:
            continue
        mine = {key for who, what, where, key in used if (who, what, where) == (function, action, table)}
        if not any(fnmatch.fnmatchcase(key, pattern) for key in mine for pattern in keys):
            wrong.append(f"{function} may {action} on {table} and never does")
    for function in NAMES.values():
        for table in {where for who, _, where, _ in rights if who == function}:
            kinds = {pattern for who, _, where, keys in rights if (who, where) == (function, table) for pattern in keys}
            mine = {key for who, _, where, key in used if (who, where) == (function, table)}
            for pattern in kinds - {"*"} - {kind for who, where, kind in RARE if (who, where) == (function, table)}:
                if not any(fnmatch.fnmatchcase(key, pattern) for key in mine):
                    wrong.append(f"{function} may touch {pattern} in {table} and never does")
    print(f"rights: {len(used)} used", *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
