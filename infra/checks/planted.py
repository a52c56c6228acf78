"""Templates that are spoilt on purpose, which the checks have to see."""

import unittest


class Planted(unittest.TestCase):
    """Checks are held to what they are for."""

    def all_are_seen(self, defects):
        """Of each case, test and change: the test fails on a template that was changed so, and on no other."""
        for case, test, change in defects:
            with self.subTest(test):
                spoilt = case(test)
                spoilt.setUp()
                getattr(spoilt, test)()
                change(spoilt.template.resources)
                with self.assertRaises(AssertionError, msg=test):
                    getattr(spoilt, test)()


def statements(resources, role):
    """What a role may do."""
    return resources[role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]


def statement(resources, role, sid):
    """One of these, by its name."""
    return next(it for it in statements(resources, role) if it["Sid"] == sid)


def trust(resources, role):
    """Who may take a role, and how."""
    return resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
