"""Deploys the template with the packaged functions to an emulator of AWS, and plays the main job there.

    run.py TEMPLATE ZIPS POSTERN COMMAND…

TEMPLATE is the translated template (CloudFormation JSON), ZIPS the folder of `infra/package`, POSTERN the
operators' program. COMMAND plays the journeys; it finds the deployment in POSTERN_DEPLOYED.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

import aws
import front

STACK = "postern-ci"
ARTIFACTS = "postern-artifacts"
SENDER = "no-reply@postern.example"
FUNCTIONS = {"sign-in", "account", "project", "notify", "feedback"}
# What the journeys' people give; it may be in no log.
CANARIES = ["jana.novotna", "otter-Plinth-96", "Testfone", "127.0.1.", "eyJ"]
# Outcomes that no journey brings about by itself.
FAILURES = ["retried", "failed", "crashed", "unavailable"]
# Condition keys that the emulator doesn't know.
UNKNOWN = ["dynamodb:LeadingKeys", "ses:FromAddress"]
# Seconds until a stack has to be there.
PATIENCE = 120


def parameters(public_url):
    """What an operator would choose, as CloudFormation takes it."""
    chosen = {
        "PublicUrl": public_url,
        "EmailSender": SENDER,
        "SupportEmail": "support@postern.example",
        "SupportUrl": "https://postern.example/support",
        "MinimumVersion": "2.3",
        "LatestVersion": "2.3",
    }
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in chosen.items()]


def with_code(template, zips, s3):
    """The template whose functions are the packaged ones."""
    s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            name = pathlib.PurePath(resource["Properties"]["Code"]["S3Key"]).name
            s3.upload_file(str(zips / name), ARTIFACTS, name)
            resource["Properties"]["Code"] = {"S3Bucket": ARTIFACTS, "S3Key": name}
    return template


def without_filters(template):
    """The emulator compares a list in a record with single values, so no filter on a set ever holds."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            resource["Properties"].pop("FilterCriteria", None)
    return template


def without_formulas(template):
    """The emulator knows no alarm that computes."""
    resources = template["Resources"]
    for name in [it for it, of in resources.items() if "Metrics" in of["Properties"] and "Alarm" in of["Type"]]:
        del resources[name]
    return template


def as_far_as_known(template):
    """The emulator doesn't know which items a call is about nor whom a mail is from, so no such condition ever
    holds; and of a mail it knows no resource."""
    for resource in template["Resources"].values():
        for policy in resource["Properties"].get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []:
            for statement in policy["PolicyDocument"]["Statement"]:
                if any(key in json.dumps(statement.get("Condition")) for key in UNKNOWN):
                    del statement["Condition"]
                if statement["Action"] == ["ses:SendEmail"]:
                    statement["Resource"] = "*"
    return template


def wait(cloudformation, goal):
    """Waits for the stack, and gives its outputs."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        if stack["StackStatus"] == goal:
            return {it["OutputKey"]: it["OutputValue"] for it in stack.get("Outputs", [])}
        if "FAILED" in stack["StackStatus"] or "ROLLBACK" in stack["StackStatus"]:
            break
        time.sleep(0.2)
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    failed = [it for it in events if "FAILED" in it["ResourceStatus"]]
    raise RuntimeError(f"the stack didn't come about: {json.dumps(failed, default=str, indent=2)}")


def deploy(emulator, template, postern):
    """Deploys, and gives the outputs and the API's address."""
    cloudformation = emulator.client("cloudformation")
    # What is longer than 51,200 bytes is deployed from S3.
    emulator.client("s3").put_object(Bucket=ARTIFACTS, Key="template.json", Body=json.dumps(template))
    url = f"{emulator.url}/{ARTIFACTS}/template.json"
    common = {"StackName": STACK, "TemplateURL": url, "Capabilities": ["CAPABILITY_IAM"]}
    cloudformation.create_stack(**common, Parameters=parameters("https://not-yet.example"))
    outputs = wait(cloudformation, "CREATE_COMPLETE")
    # Who has no domain of their own learns the API's address only now.
    api = f"{emulator.url}/_aws/execute-api/{outputs['ApiId']}/$default"
    cloudformation.update_stack(**common, Parameters=parameters(api))
    outputs = wait(cloudformation, "UPDATE_COMPLETE")
    keys = subprocess.run([postern, "keys", "new"], capture_output=True, text=True, check=True).stdout
    emulator.client("secretsmanager").put_secret_value(SecretId=outputs["SecretArn"], SecretString=keys)
    emulator.client("sesv2").create_email_identity(EmailIdentity=SENDER)
    return outputs, api


def what_was_logged(emulator):
    """Every line of every log group."""
    logs = emulator.client("logs")
    lines = []
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            events = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            lines += [event["message"] for part in events for event in part["events"]]
    return lines


def leaks(lines, deployment):
    """What people gave or got, and the lines that repeat it."""
    codes = {line.strip() for mail in deployment.ever_sent() for line in mail["BodyText"].splitlines()}
    codes = {line for line in codes if line.isdigit() and len(line) in (6, 8)}
    if not codes:
        raise RuntimeError("no code was mailed, so nothing can be said about codes in logs")
    found = [(secret, line) for secret in CANARIES for line in lines if secret in line]
    words = [(line, set(re.split(r"\W+", line))) for line in lines]
    return found + [(code, line) for code in codes for line, has in words if code in has]


def faults(emulator, deployment):
    """What shouldn't be, after all was played."""
    lines = what_was_logged(emulator)
    metrics = [json.loads(line) for line in lines if line.lstrip().startswith("{") and '"_aws"' in line]
    measured = {it["function"] for it in metrics}
    wrong = [f"nothing was measured about {name}" for name in FUNCTIONS - measured]
    # The emulator takes every answer for success, so what failed has to be seen here.
    wrong += [f"an invocation failed: {it}" for it in metrics if it["outcome"] in FAILURES]
    wrong += [f"a role lacks a right: {line}" for line in lines if "AccessDenied" in line]
    wrong += [f"{secret} is in a log: {line}" for secret, line in leaks(lines, deployment)]
    return wrong + [f"a dead letter: {letter}" for letter in deployment.dead_letters()]


def main():
    """Deploys and plays."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("template", type=pathlib.Path)
    parser.add_argument("zips", type=pathlib.Path)
    parser.add_argument("postern", type=pathlib.Path)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    template = without_formulas(without_filters(json.loads(given.template.read_text())))
    template = as_far_as_known(template)
    with aws.Emulator() as emulator:
        template = with_code(template, given.zips, emulator.client("s3"))
        outputs, api = deploy(emulator, template, given.postern)
        deployment = front.Deployment(emulator, outputs)
        server, local = front.serve(deployment)
        print(f"deployed: {api}", flush=True)
        environment = {**os.environ, "POSTERN_DEPLOYED": f"{api} {local}"}
        played = subprocess.run(given.command, env=environment, check=False)
        wrong = faults(emulator, deployment)
        server.shutdown()
        for line in wrong:
            print(line, file=sys.stderr)
        if played.returncode:
            print(emulator.log.read_text()[-20_000:], file=sys.stderr)
        return 1 if wrong or played.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
