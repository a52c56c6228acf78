"""What Schemathesis can't know: proofs, tokens, names of things that exist, right codes.

Every second case that keeps to the document is made to succeed as well: it gets the name of something
that exists, and members that are right and not only well-formed.
"""

import collections
import json
import os
import re

import schemathesis

from device import VERSION, call_from_everywhere
from owner import DESCRIPTION, Owners, another_address, another_password
from stack import Local

call_from_everywhere()
local = Local(os.environ["POSTERN_CONTRACT_URL"])
owners = Owners(local)
# Stands where a proof or a token is to be, until the call is known to its last letter.
TO_BE_MADE = "to-be-made"
VERSION_FORM = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){1,3}")

# After these the account isn't what it was.
SPENT = {
    "eraseAccount", "completePasswordReset", "completeEmailChange", "changeLoginSecurity",
    "reportSecurity", "removeDevice", "changePassword", "denySignInRequest",
}


class World:
    """Whom calls are made for."""

    def __init__(self):
        self.owner, self.operation = None, None
        self.cases = collections.Counter()
        self.answered = collections.defaultdict(set)

    def enter(self, operation):
        """Each operation has an account of its own, and another one where that can't go on."""
        if self.owner is None or self.operation != operation:
            self.owner, self.operation = owners.next(), operation
        for _ in range(3):
            try:
                return self.owner.ready()
            except RuntimeError:
                self.owner = owners.next()
        raise RuntimeError(f"no account is left for {operation}")


world = World()


def live(operation, owner):
    """The name and the members with which a call succeeds; None for what can stay as it is."""
    match operation:
        case "register":
            return None, {**owner.credentials(), "email": another_address()}
        case "resendRegistrationCode":
            name = owner.registration()[0]["id"]
            local.advance(31)
            return name, None
        case "completeRegistration":
            begun, address = owner.registration()
            return begun["id"], {"code": local.code(address, 6)}
        case "signIn":
            return None, owner.credentials()
        case "getSignIn" | "cancelSignIn" | "getSignInRequest" | "denySignInRequest":
            return owner.attempt()["id"], None
        case "resendSignInCode":
            return owner.attempt()["id"], {"method": owner.other_way(owner.attempt())}
        case "completeSignIn":
            return owner.attempt()["id"], {"code": owner.code(owner.attempt())}
        case "refreshSession":
            return None, {"refresh_token": owner.device.session["refresh_token"]}
        case "stepUp":
            return None, {"password": owner.password}
        case "resendStepUpCode":
            return owner.step_up()["id"], {"method": owner.other_way(owner.step_up())}
        case "completeStepUp":
            return owner.step_up()["id"], {"code": owner.code(owner.step_up())}
        case "changePassword":
            return None, {"current_password": owner.password, "new_password": another_password()}
        case "beginPasswordReset":
            return None, {"email": owner.email}
        case "resendPasswordResetCode":
            name = owner.reset()["id"]
            local.advance(31)
            return name, None
        case "completePasswordReset":
            name = owner.reset()["id"]
            return name, {"code": local.code(owner.email, 8), "new_password": another_password()}
        case "beginEmailChange":
            return None, {"email": another_address()}
        case "resendEmailChangeCode":
            name = owner.email_change()[0]["id"]
            local.advance(31)
            return name, None
        case "completeEmailChange":
            begun, address = owner.email_change()
            return begun["id"], {"code": local.code(address, 8)}
        case "changeAccount":
            return None, {"locale": "cs"}
        case "changeLoginSecurity":
            return None, {"method": "email"}
        case "renameDevice":
            return owner.device.session["device"]["id"], {"name": "Ada's phone"}
        case "removeDevice":
            return owner.second().session["device"]["id"], None
        case "registerPush":
            return None, {"platform": "fcm", "token": "f" * 40, "alerts": "allowed"}
        case "requestSupport":
            photo = {"name": "screen.png", "content_type": "image/png", "size": 7}
            help_ = {"message": "No code.", "app_version": "2.3", "device": DESCRIPTION}
            return None, {**help_, "attachments": [photo]}
        case "reportSecurity":
            return None, {"token": owner.report()}
    return None, None


def keeps_to_the_document(case):
    return case.meta is None or case.meta.generation.mode.is_positive


def caller(operation):
    """Whose key a call is made with."""
    if operation in {"resendStepUpCode", "completeStepUp"}:
        return world.owner.second()
    if operation in {
        "register", "resendRegistrationCode", "completeRegistration", "signIn", "getSignIn",
        "cancelSignIn", "resendSignInCode", "completeSignIn", "beginPasswordReset",
        "resendPasswordResetCode", "completePasswordReset",
    }:
        return world.owner.guest
    return world.owner.device


def schemes(case):
    return set().union(*case.operation.definition.raw.get("security", []), set())


@schemathesis.auth(refresh_interval=None)
class Proofs:
    """Only says that there is to be a proof; what it says depends on the call."""

    def get(self, case, context):
        return schemes(case)

    def set(self, case, data, context):
        case.headers = case.headers or {}
        if "proof" in data:
            case.headers["DPoP"] = TO_BE_MADE
        if "token" in data:
            case.headers["Authorization"] = TO_BE_MADE


def says_its_version(case):
    """Whether the case is about something else than the version of the app."""
    about = getattr(case.meta.phase.data, "parameter", None) if case.meta else None
    version = str(case.headers.get("X-App-Version", ""))
    return about in {"Authorization", "DPoP"} or VERSION_FORM.fullmatch(version)


def succeed(operation, case):
    """Makes the case one that succeeds, with another account where this one can't any more."""
    for _ in range(3):
        try:
            name, members = live(operation, world.owner)
            break
        except (RuntimeError, LookupError, StopIteration):
            world.owner = None
            world.enter(operation)
    else:
        raise RuntimeError(f"{operation} can't succeed")
    if name is not None:
        case.path_parameters["id"] = name
    if members is not None:
        case.body, case.media_type = members, "application/json"
    # A repeat of another call is no success.
    case.headers.pop("Idempotency-Key", None)


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation.definition.raw["operationId"]
    if not schemes(case) and operation != "reportSecurity":
        return
    world.enter(operation)
    if case.headers is None:
        case.headers = {}
    headers = case.headers
    proven = headers.get("DPoP") == TO_BE_MADE
    if "X-App-Version" in headers and says_its_version(case):
        headers["X-App-Version"] = VERSION
    if keeps_to_the_document(case):
        world.cases[operation] += 1
        if (proven or operation == "reportSecurity") and world.cases[operation] % 2 == 1:
            succeed(operation, case)
    if proven:
        device = caller(operation)
        with_token = headers.get("Authorization") == TO_BE_MADE
        made = device.headers(case.method.upper(), case.formatted_path, with_token)
        headers["DPoP"] = made["DPoP"]
        if with_token:
            headers["Authorization"] = made["Authorization"]


@schemathesis.hook
def after_call(context, case, response):
    operation = case.operation.definition.raw["operationId"]
    if case.method.upper() not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
        return
    world.answered[operation].add(response.status_code)
    if response.status_code < 300 and case.method.upper() != "GET" and world.owner is not None:
        world.owner.forget()
        if operation in SPENT:
            world.owner = None
        if operation == "signOut":
            world.owner.device.session = None
    with open(os.environ["POSTERN_CONTRACT_SEEN"], "w", encoding="utf-8") as seen:
        json.dump({name: sorted(statuses) for name, statuses in world.answered.items()}, seen)
