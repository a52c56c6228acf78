"""The SAM template as CloudFormation takes it, without an AWS account."""

import json
import pathlib
import sys

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = pathlib.Path(__file__).resolve().parent.parent / "template.yaml"
# For which it is checked; nothing in it is about one.
REGION = "eu-central-1"
# The translator takes code from S3 alone; where it really lies is said when it is deployed.
BUCKET = "s3://postern-artifacts"


def source():
    """The template as it is written."""
    return yaml_parse(TEMPLATE.read_text())


def translated():
    """The template as it is deployed."""
    template = source()
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            code = pathlib.PurePath(resource["Properties"]["CodeUri"]).name
            resource["Properties"]["CodeUri"] = f"{BUCKET}/{code}"
    # No role of ours has a policy that AWS manages.
    translator = Translator(managed_policy_map={}, sam_parser=Parser(), boto_session=_Region())
    return translator.translate(template, parameter_values={})


class _Region:
    """As much of a session as the translator asks for."""

    region_name = REGION


if __name__ == "__main__":
    json.dump(translated(), sys.stdout, indent=1)
