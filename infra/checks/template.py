"""The translated template, and questions about it."""

import functools
import json
import pathlib
import re

import translate

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FUNCTIONS = ["SignIn", "Account", "Project", "Notify", "Feedback"]


@functools.cache
def text():
    """The translated template as text, so that each test gets one of its own."""
    return json.dumps(translate.translated())


class Template:
    """A translated template."""

    def __init__(self, template=None):
        self.template = template or json.loads(text())
        self.resources = self.template["Resources"]

    def of(self, kind):
        """The resources of a kind, by name."""
        return {name: it["Properties"] for name, it in self.resources.items() if it["Type"] == kind}

    def statements(self, role):
        """What a role may do."""
        found = []
        for policy in self.resources[role]["Properties"].get("Policies", []):
            found += policy["PolicyDocument"]["Statement"]
        for policy in self.of("AWS::IAM::RolePolicy").values():
            if policy["RoleName"] == {"Ref": role}:
                found += policy["PolicyDocument"]["Statement"]
        return found

    def roles(self):
        """Every role."""
        return list(self.of("AWS::IAM::Role"))

    def policies(self):
        """Every statement there is, with where it stands."""
        for role in self.roles():
            for statement in self.statements(role):
                yield role, statement
        for kind, member in [
            ("AWS::KMS::Key", "KeyPolicy"), ("AWS::S3::BucketPolicy", "PolicyDocument"),
            ("AWS::SNS::TopicPolicy", "PolicyDocument"),
        ]:
            for name, properties in self.of(kind).items():
                for statement in properties[member]["Statement"]:
                    yield name, statement


def arn(name):
    """How a resource's ARN is written."""
    return {"Fn::GetAtt": [name, "Arn"]}


def listed(value):
    """A value that may be one or many, as many."""
    return value if isinstance(value, list) else [value]


def read(path):
    """A file of the project."""
    return (ROOT / path).read_text()


def variables():
    """Every variable that the functions read."""
    return set(re.findall(r'"(POSTERN_[A-Z_]+)"', read("shared/runtime/src/config.rs").split("#[cfg(test)]")[0]))


def asking():
    """What notify reacts to."""
    source = read("shared/messages/src/delivery/asked.rs")
    return re.findall(r'"([a-z_]+\.[a-z_]+)"', source[source.index("pub const ASKING"):source.index("];")])


def calls():
    """Every call of the API, with whether it carries a password: from the OpenAPI document."""
    snapshot = read("shared/http/src/openapi/snapshots/postern_http__openapi__tests__openapi.snap")
    document = json.loads(snapshot[snapshot.index("\n{"):])
    routes = read("shared/http/src/routes.rs")
    block = routes[routes.index("const WITH_PASSWORD"):routes.index("];")]
    with_password = set(re.findall(r'\("([A-Z]+)", "([^"]+)"\)', block))
    found = {}
    for path, methods in document["paths"].items():
        for method in methods:
            if method in ("get", "put", "post", "patch", "delete"):
                call = (method.upper(), path)
                found[call] = "SignIn" if call in with_password else "Account"
    # Files of the reference, which is no call.
    for path in re.findall(r'\.file\("([^"]+)"', routes):
        found["GET", path] = "Account"
    return found
