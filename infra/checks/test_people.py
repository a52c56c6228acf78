"""What has to hold for the roles that people take: one who reads the log, three who run `postern` on tables."""

import unittest

from planted import Planted, statement, statements, trust
from template import Template, arn, listed

FOLLOWING = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}
READING = {"dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "kms:Decrypt",
           "kms:DescribeKey"} | FOLLOWING
PEOPLE = ["AnalystRole", "RestorerRole", "OperatorRole", "DiscloserRole"]
TABLES = ["Events", "Vault", "Guards", "Sessions", "Views"]


class People(unittest.TestCase):
    """Least privilege."""

    def setUp(self):
        self.template = Template()

    def test_analysts_only_read_the_log(self):
        actions = {action for it in self.template.statements("AnalystRole") for action in listed(it["Action"])}
        self.assertLessEqual(actions, READING)
        opened = next(it for it in self.template.statements("AnalystRole") if "kms:Decrypt" in it["Action"])
        self.assertIn("kms:EncryptionContext:aws:dynamodb:tableName", opened["Condition"]["StringEquals"])

    def test_people_take_their_roles_with_a_second_factor_and_under_their_own_name(self):
        taken = {}
        for name, role in self.template.of("AWS::IAM::Role").items():
            [statement] = role["AssumeRolePolicyDocument"]["Statement"]
            if statement["Principal"] != {"Service": "lambda.amazonaws.com"}:
                taken[name] = (statement["Principal"], statement.get("Condition"))
        asked = {"Bool": {"aws:MultiFactorAuthPresent": True},
                 "StringEquals": {"sts:RoleSessionName": "${aws:username}"}}
        # Whoever may take one role may not take another by that.
        whom = {role: {"AWS": {"Ref": role.replace("Role", "Principal")}} for role in PEOPLE}
        self.assertEqual(taken, {role: (whom[role], asked) for role in PEOPLE})

    def on(self, role, reading):
        """What a role may read on each table, or else do there, with the kinds of keys that it is held to."""
        found = {}
        for table in TABLES:
            for statement in self.template.statements(role):
                if arn(table) not in listed(statement["Resource"]):
                    continue
                keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
                if keys:
                    # Without a key "for all values" would hold.
                    self.assertEqual(statement["Condition"].get("Null"), {"dynamodb:LeadingKeys": False}, role)
                for action in listed(statement["Action"]):
                    if (action in READING) == reading:
                        self.assertNotIn((table, action), found, role)
                        found[table, action] = keys
        return found

    def test_people_write_what_their_task_is_and_nothing_else(self):
        put, check, delete = "dynamodb:PutItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem"
        self.assertEqual({role: self.on(role, reading=False) for role in PEOPLE}, {
            "AnalystRole": {},
            # What is put back is appended nowhere, and nothing is ever taken away.
            "RestorerRole": {("Events", check): ["account/*"], ("Guards", put): ["account/*", "address/*"],
                             ("Views", put): ["activity/*", "devices/*"]},
            "OperatorRole": {("Events", put): ["account/*"], ("Guards", put): ["account/*"],
                             ("Guards", delete): ["address/*"]},
            "DiscloserRole": {("Events", put): ["account/*"]},
        })

    def test_people_read_what_their_task_is_and_nothing_else(self):
        get, query, scan, describe = (f"dynamodb:{it}" for it in ["GetItem", "Query", "Scan", "DescribeTable"])
        self.assertEqual({role: self.on(role, reading=True) for role in PEOPLE}, {
            "AnalystRole": {("Events", it): None for it in [describe, get, query, scan]},
            "RestorerRole": {("Events", describe): None, ("Events", query): None, ("Events", scan): None,
                             ("Guards", get): ["account/*", "address/*"], ("Views", scan): None,
                             ("Views", query): ["activity/*", "devices/*"]},
            # Nothing but the account that is acted on.
            "OperatorRole": {("Events", query): ["account/*"], ("Guards", get): ["account/*"]},
            "DiscloserRole": {("Events", query): None, ("Events", scan): None, ("Vault", get): None,
                              ("Vault", query): None, ("Guards", get): ["account/*"], ("Sessions", query): None,
                              ("Views", query): ["activity/*", "devices/*"]},
        })

    def test_who_may_not_disclose_has_no_vault_no_key_and_no_secret(self):
        for role in set(PEOPLE) - {"DiscloserRole"}:
            said = str(self.template.statements(role))
            for forbidden in ["Vault", "VaultKey", "secretsmanager", "'Keys'"]:
                self.assertNotIn(forbidden, said, role)

    def test_who_may_disclose_puts_nothing_under_the_vault_s_key(self):
        under = {action for it in self.template.statements("DiscloserRole") if it["Resource"] == arn("VaultKey")
                 for action in listed(it["Action"])}
        self.assertEqual(under, {"kms:Decrypt", "kms:DescribeKey"})

    def test_people_are_mailed_pushed_to_and_asked_for_files_from_no_command_line(self):
        services = {role: set() for role in PEOPLE}
        for role in PEOPLE:
            for statement in self.template.statements(role):
                services[role] |= {action.split(":")[0] for action in listed(statement["Action"])}
        tables = {"dynamodb", "kms"}
        self.assertEqual(services, {"AnalystRole": tables, "RestorerRole": tables, "OperatorRole": tables,
                                    "DiscloserRole": tables | {"secretsmanager"}})


class Mutations(Planted):
    """The checks see what they are for."""

    def test_planted_defects_are_seen(self):
        self.all_are_seen([
            *((People, "test_people_take_their_roles_with_a_second_factor_and_under_their_own_name",
               lambda it, role=role, spoil=spoil: spoil(trust(it, role)))
              for role in PEOPLE for spoil in [
                  lambda it: it.pop("Condition"),
                  lambda it: it["Condition"].pop("Bool"),
                  lambda it: it["Condition"].pop("StringEquals"),
                  lambda it: it["Condition"]["StringEquals"].update({"sts:RoleSessionName": "*"}),
                  lambda it: it.update(Principal={"AWS": {"Ref": "AWS::AccountId"}}),
              ]),
            (People, "test_people_take_their_roles_with_a_second_factor_and_under_their_own_name",
             lambda it: trust(it, "DiscloserRole").update(Principal={"AWS": {"Ref": "OperatorPrincipal"}})),
            # Who may lift a pause opens nobody's data, by any of the ways there are.
            *((People, "test_who_may_not_disclose_has_no_vault_no_key_and_no_secret",
               lambda it, role=role, sid=sid: statements(it, role).append(statement(it, "DiscloserRole", sid)))
              for role in ["AnalystRole", "RestorerRole", "OperatorRole"]
              for sid in ["ReadTheKeys", "OpenTheKeys", "OpenTheVault", "ShowThePerson"]),
            *((People, "test_people_write_what_their_task_is_and_nothing_else",
               lambda it, role=role, sid=sid, action=action: statement(it, role, sid)["Action"].append(action))
              for role, sid, action in [
                  ("RestorerRole", "FindTheAccountUnchanged", "dynamodb:PutItem"),
                  ("RestorerRole", "CountAndClaim", "dynamodb:DeleteItem"),
                  ("RestorerRole", "LookAgainAndPutBackViews", "dynamodb:DeleteItem"),
                  ("OperatorRole", "FreeAnAddress", "dynamodb:PutItem"),
                  ("OperatorRole", "LiftAPause", "dynamodb:PartiQLInsert"),
                  ("DiscloserRole", "ShowThePerson", "dynamodb:PutItem"),
                  ("DiscloserRole", "ShowCounts", "dynamodb:PutItem"),
              ]),
            (People, "test_people_write_what_their_task_is_and_nothing_else",
             lambda it: statement(it, "OperatorRole", "FreeAnAddress").pop("Condition")),
            (People, "test_people_write_what_their_task_is_and_nothing_else",
             lambda it: statement(it, "OperatorRole", "LiftAPause")["Condition"].pop("Null")),
            *((People, "test_people_read_what_their_task_is_and_nothing_else",
               lambda it, role=role, sid=sid: statements(it, role).append(statement(it, "DiscloserRole", sid)))
              for role, sid in [("OperatorRole", "ReadTheLog"), ("OperatorRole", "ShowSessions"),
                                ("OperatorRole", "ShowTheViews"), ("RestorerRole", "ShowSessions")]),
            (People, "test_people_read_what_their_task_is_and_nothing_else",
             lambda it: statement(it, "DiscloserRole", "ShowCounts").pop("Condition")),
            (People, "test_who_may_disclose_puts_nothing_under_the_vault_s_key",
             lambda it: statement(it, "DiscloserRole", "OpenTheVault")["Action"].append("kms:Encrypt")),
            (People, "test_people_are_mailed_pushed_to_and_asked_for_files_from_no_command_line",
             lambda it: statement(it, "DiscloserRole", "ReadTheKeys")["Action"].append("ses:SendEmail")),
            (People, "test_analysts_only_read_the_log",
             lambda it: statement(it, "AnalystRole", "FollowTheLog")["Action"].append("dynamodb:PutItem")),
        ])


if __name__ == "__main__":
    unittest.main()
