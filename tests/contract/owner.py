"""Accounts with sessions that may do everything, and what calls can be about."""

import itertools
import re

from device import Device

DESCRIPTION = {"name": "Phone", "model": "Model", "platform": "android", "os_version": "1"}
_numbers = itertools.count(1)
# Longer than a device is young, so that its step-ups need no code.
A_DAY_LATER = 24 * 3600 + 60


def another_address():
    """An address that nobody has."""
    return f"owner{next(_numbers)}@example.com"


def another_password():
    """A password that nobody guesses."""
    return f"correct-horse-{next(_numbers)}-battery-staple"


class Owner:
    """Somebody with an account, and a device that is trusted on it."""

    def __init__(self, local):
        self.local = local
        self.email, self.password = another_address(), another_password()
        self.device, self.guest, self._second = Device(local), Device(local), None
        self._stepped_up = 0.0
        self._open = {}
        begun = self.device.call("POST", "/v1/registrations", self.credentials())
        path = f"/v1/registrations/{begun['id']}/verify"
        self.device.call("POST", path, {"code": local.code(self.email, 6)})
        # So that codes come by app first.
        endpoint = {"platform": "fcm", "token": f"token-of-{self.email}", "alerts": "allowed"}
        self.device.call("PUT", "/v1/devices/current/push", endpoint, True)

    def credentials(self):
        """What a sign-in or a registration says."""
        return {"email": self.email, "password": self.password, "device": DESCRIPTION}

    def ready(self):
        """Sees to it that the device is signed in and stepped up for a while."""
        if self.device.session is None:
            self.device.call("POST", "/v1/sign-ins", self.credentials())
            self._stepped_up = 0.0
        self.device.renew()
        if self.local.now() - self._stepped_up > 200:
            told = self.device.call("POST", "/v1/step-ups", {"password": self.password}, True)
            if told["status"] != "complete":
                raise RuntimeError("the device is young")
            self._stepped_up = self.local.now()

    def second(self):
        """Another device of the owner's, trusted a moment ago."""
        if self._second is None:
            device = Device(self.local)
            attempt = device.call("POST", "/v1/sign-ins", self.credentials())
            path = f"/v1/sign-ins/{attempt['id']}/verify"
            device.call("POST", path, {"code": self.code(attempt)})
            self._second = device
        self._second.renew()
        return self._second

    def code(self, process):
        """The code of something that waits for one, wherever it went."""
        if process["method"] == "email":
            return self.local.code(self.email, 6)
        self.ready()
        path = f"/v1/sign-in-requests/{process['id']}"
        return self.device.call("GET", path, None, True)["code"]

    @staticmethod
    def other_way(process):
        """How the code of it has not come yet."""
        return next(it for it in process["available_methods"] if it != process["method"])

    def report(self):
        """A token from a mail."""
        attempt = self.guest.call("POST", "/v1/sign-ins", self.credentials())
        if attempt["method"] != "email":
            self.guest.call("POST", f"/v1/sign-ins/{attempt['id']}/code", {"method": "email"})
        for text in self.local.mails(self.email):
            found = re.search(r"/v1/security-reports#(\S+)", text)
            if found:
                return found.group(1)
        raise LookupError("no mail has a token")

    def _opened(self, kind, begin):
        if kind not in self._open:
            self._open[kind] = begin()
        return self._open[kind]

    def forget(self):
        """What was open may be over."""
        self._open.clear()

    def attempt(self):
        """An attempt of a device that needs a code."""
        def begin():
            return self.guest.call("POST", "/v1/sign-ins", self.credentials())
        return self._opened("attempt", begin)

    def registration(self):
        """A registration that waits for its code, and its address."""
        def begin():
            asked = {**self.credentials(), "email": another_address()}
            return self.guest.call("POST", "/v1/registrations", asked), asked["email"]
        return self._opened("registration", begin)

    def reset(self):
        """A password reset that waits for its code."""
        def begin():
            return self.guest.call("POST", "/v1/password-resets", {"email": self.email})
        return self._opened("reset", begin)

    def email_change(self):
        """A change of address that waits for its code, and the address."""
        def begin():
            self.ready()
            address = another_address()
            return self.device.call("POST", "/v1/email-changes", {"email": address}, True), address
        return self._opened("email_change", begin)

    def step_up(self):
        """A step-up that waits for its code."""
        def begin():
            return self.second().call("POST", "/v1/step-ups", {"password": self.password}, True)
        return self._opened("step_up", begin)


class Owners:
    """Accounts for whoever needs one, made in good time."""

    # As many as a day's move of the clock is worth.
    AT_ONCE = 25

    def __init__(self, local):
        self.local = local
        self._waiting = []

    def next(self):
        """An account that nobody has had yet."""
        if not self._waiting:
            self._waiting = [Owner(self.local) for _ in range(self.AT_ONCE)]
            self.local.advance(A_DAY_LATER)
        return self._waiting.pop()
