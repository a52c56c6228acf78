"""What has to hold for the template, whatever is changed in it."""

import base64
import hashlib
import json
import re
import unittest

from planted import Planted, statement
from template import FUNCTIONS, Template, arn, asking, calls, listed, read, variables

# Actions that know no resource (Service Authorization Reference).
WITHOUT_RESOURCE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "dynamodb:ListStreams"}
CHANGING = {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLUpdate",
            "dynamodb:PartiQLDelete", "dynamodb:DeleteTable", "dynamodb:UpdateTable"}


class Rights(unittest.TestCase):
    """Least privilege."""

    def setUp(self):
        self.template = Template()

    def on(self, role, table):
        """What a role may do on a table."""
        return {
            action
            for statement in self.template.statements(role)
            if arn(table) in listed(statement["Resource"])
            for action in listed(statement["Action"])
        }

    def test_no_action_is_a_pattern(self):
        for where, statement in self.template.policies():
            for action in listed(statement["Action"]):
                self.assertNotIn("*", action, where)

    def test_whatever_has_a_name_is_named(self):
        for role in self.template.roles():
            for statement in self.template.statements(role):
                if "*" in listed(statement["Resource"]):
                    self.assertLessEqual(set(listed(statement["Action"])), WITHOUT_RESOURCE, role)

    def test_whatever_gives_rights_is_seen_here(self):
        for name, role in self.template.of("AWS::IAM::Role").items():
            self.assertNotIn("ManagedPolicyArns", role, name)
            self.assertNotIn("PermissionsBoundary", role, name)
        kinds = {it["Type"] for it in self.template.resources.values()}
        policies = {it for it in kinds if "Policy" in it}
        self.assertEqual(policies, {"AWS::IAM::RolePolicy", "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy"})
        for name, table in self.template.of("AWS::DynamoDB::Table").items():
            self.assertNotIn("ResourcePolicy", table, name)
        for where, statement in self.template.policies():
            self.assertFalse({"NotAction", "NotResource", "NotPrincipal"} & set(statement), where)

    def test_a_pattern_in_a_resource_is_one_of_these(self):
        known = ["${Uploads.Arn}/uploads/*", "identity/*", "endpoint/*", "app/*"]
        for role in self.template.roles():
            for statement in self.template.statements(role):
                for resource in listed(statement["Resource"]):
                    if "*" in str(resource) and resource != "*":
                        self.assertTrue(any(str(resource).rstrip("'}").endswith(it) for it in known), resource)

    def test_nobody_changes_the_log(self):
        for role in self.template.roles():
            self.assertFalse(self.on(role, "Events") & CHANGING, role)

    def test_whoever_appends_is_held_to_streams(self):
        for role in self.template.roles():
            for statement in self.template.statements(role):
                if arn("Events") in listed(statement["Resource"]) and "dynamodb:PutItem" in statement["Action"]:
                    held = statement.get("Condition", {})
                    keys = held.get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
                    self.assertTrue(keys, role)
                    self.assertTrue(all(re.fullmatch(r"[a-z_]+/\*", key) for key in keys), keys)
                    # Without a key there is nothing to compare, and "for all values" would hold.
                    self.assertEqual(held.get("Null"), {"dynamodb:LeadingKeys": False}, role)

    def test_a_message_is_claimed_by_notify_and_told_of_by_feedback_alone(self):
        for role in self.template.roles():
            for statement in self.template.statements(role):
                if arn("Events") in listed(statement["Resource"]) and "dynamodb:PutItem" in statement["Action"]:
                    keys = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
                    self.assertEqual("message/*" in keys, role in ("NotifyRole", "FeedbackRole"), role)

    def test_who_opens_nothing_has_no_vault_no_key_and_no_secret(self):
        for role in ["ProjectRole", "FeedbackRole"]:
            said = str(self.template.statements(role))
            for forbidden in ["Vault", "VaultKey", "secretsmanager", "'Keys'"]:
                self.assertNotIn(forbidden, said, role)

    def test_every_function_has_a_role_of_its_own(self):
        functions = self.template.of("AWS::Lambda::Function")
        roles = {str(it["Role"]) for it in functions.values()}
        self.assertEqual((len(functions), len(roles)), (5, 5))

    def test_a_key_of_kms_is_used_through_its_service_alone(self):
        for role in self.template.roles():
            for statement in self.template.statements(role):
                if any(action.startswith("kms:") for action in listed(statement["Action"])):
                    self.assertIn("kms:ViaService", statement["Condition"]["StringEquals"], role)


class Functions(unittest.TestCase):
    """What functions are given, and what wakes them."""

    def setUp(self):
        self.template = Template()

    def test_every_variable_is_set_and_no_other(self):
        for name in FUNCTIONS:
            function = self.template.of("AWS::Lambda::Function")[f"{name}Function"]
            # Two more: one only starts functions anew, the other is for the TLS library.
            others = {"KEYS_REVISION", "SSL_CERT_FILE"}
            self.assertEqual(set(function["Environment"]["Variables"]), variables() | others, name)

    def test_sign_in_has_a_core_and_a_limit(self):
        function = self.template.of("AWS::Lambda::Function")["SignInFunction"]
        self.assertEqual(function["MemorySize"], 1769)
        self.assertIn("ReservedConcurrentExecutions", function)

    def test_calls_leave_room_for_what_follows_the_stream(self):
        for name in ["ProjectFunction", "NotifyFunction"]:
            function = self.template.of("AWS::Lambda::Function")[name]
            self.assertEqual(function.get("ReservedConcurrentExecutions"), {"Ref": "StreamConcurrency"}, name)

    def test_every_call_is_routed_to_its_function_and_nothing_else_is(self):
        routes = self.template.of("AWS::ApiGatewayV2::Route").values()
        routed = {it["RouteKey"]: it["Target"]["Fn::Sub"] for it in routes}
        expected = {f"{method} {path}": function for (method, path), function in calls().items()}
        expected["$default"] = "Account"
        self.assertEqual(routed, {key: f"integrations/${{{it}Integration}}" for key, it in expected.items()})
        self.assertEqual(len(routes), len(expected))

    def test_costly_routes_are_held_up(self):
        settings = self.template.of("AWS::ApiGatewayV2::Stage")["Stage"]["RouteSettings"]
        costly = {f"{method} {path}" for (method, path), function in calls().items() if function == "SignIn"}
        costly |= {"POST /v1/password-resets", "POST /v1/email-changes", "POST /v1/support-requests"}
        self.assertEqual(set(settings), costly)
        for name, limits in settings.items():
            self.assertGreater(limits["ThrottlingRateLimit"], 0, name)

    def test_every_mapping_repeats_keeps_and_gives_up_as_agreed(self):
        mappings = self.template.of("AWS::Lambda::EventSourceMapping")
        self.assertEqual(set(mappings), {"ProjectMapping", "NotifyMapping"})
        for name, mapping in mappings.items():
            self.assertEqual(mapping["FunctionResponseTypes"], ["ReportBatchItemFailures"], name)
            self.assertIs(mapping["BisectBatchOnFunctionError"], True, name)
            self.assertGreater(mapping["MaximumRetryAttempts"], 0, name)
            self.assertEqual(mapping["MaximumRecordAgeInSeconds"], 24 * 60 * 60, name)
            self.assertIn("Destination", mapping.get("DestinationConfig", {}).get("OnFailure", {}), name)
            self.assertEqual(mapping["StartingPosition"], "TRIM_HORIZON", name)

    def test_what_is_called_asynchronously_keeps_what_fails(self):
        configured = self.template.of("AWS::Lambda::EventInvokeConfig").values()
        self.assertEqual(len(configured), 2)
        for it in configured:
            self.assertIn("Destination", it["DestinationConfig"]["OnFailure"])

    def filters(self, name):
        """A mapping's filters."""
        mapping = self.template.of("AWS::Lambda::EventSourceMapping")[name]
        return [json.loads(it["Pattern"]) for it in mapping["FilterCriteria"]["Filters"]]

    def test_notify_is_woken_by_what_it_reacts_to(self):
        [pattern] = self.filters("NotifyMapping")
        # By nothing else: what a record holds is all that AWS documents filters for.
        self.assertEqual(pattern, {"dynamodb": {"NewImage": {"types": {"SS": asking()}}}})
        self.assertEqual(len(asking()), 26)

    def test_a_change_of_the_log_is_seen(self):
        self.assertNotIn("FilterCriteria", self.template.of("AWS::Lambda::EventSourceMapping")["ProjectMapping"])


class Data(unittest.TestCase):
    """Tables, files, mail."""

    def setUp(self):
        self.template = Template()

    def test_tables_are_as_the_code_has_them(self):
        source = read("shared/store/src/keys.rs")
        names = dict(re.findall(r'pub const ([A-Z]+): &str = "([a-z]+)";', source))
        blocks = re.findall(r"pub const [A-Z]+: Table = Table \{(.*?)\};", source, re.S)
        self.assertEqual(len(blocks), 5)
        tables = {it["TableName"]["Fn::Sub"]: it for it in self.template.of("AWS::DynamoDB::Table").values()}
        for block in blocks:
            name = re.search(r'name: "(\w+)"', block)[1]
            table = tables.pop("${TablePrefix}" + name)
            hash_, range_ = re.search(r"hash: (\w+),\s+range: Some\(\((\w+), ", block).groups()
            keys = [(it["AttributeName"], it["KeyType"]) for it in table["KeySchema"]]
            self.assertEqual(keys, [(names[hash_], "HASH"), (names[range_], "RANGE")], name)
            kinds = {it["AttributeName"]: it["AttributeType"] for it in table["AttributeDefinitions"]}
            self.assertEqual(kinds[names[range_]], "N" if "Number" in block else "S", name)
            ttl = table.get("TimeToLiveSpecification", {}).get("AttributeName")
            self.assertEqual(ttl, "expires" if "Some(EXPIRES)" in block else None, name)
            self.assertEqual("StreamSpecification" in table, "streamed: true" in block, name)
        self.assertEqual(tables, {})

    def test_tables_are_encrypted_recoverable_and_stay(self):
        for name, resource in self.template.resources.items():
            if resource["Type"] != "AWS::DynamoDB::Table":
                continue
            table = resource["Properties"]
            key = "VaultKey" if name == "Vault" else "DataKey"
            self.assertEqual(table["SSESpecification"]["KMSMasterKeyId"], arn(key), name)
            self.assertIs(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], True, name)
            self.assertIs(table["DeletionProtectionEnabled"], True, name)
            self.assertEqual(table["BillingMode"], "PAY_PER_REQUEST", name)
            self.assertEqual((resource["DeletionPolicy"], resource["UpdateReplacePolicy"]), ("Retain", "Retain"))

    def test_a_person_who_is_erased_is_in_no_backup_for_long(self):
        window = self.template.of("AWS::DynamoDB::Table")["Vault"]["PointInTimeRecoverySpecification"]
        self.assertLessEqual(window["RecoveryPeriodInDays"], 3)

    def test_uploads_are_private_and_end(self):
        bucket = self.template.of("AWS::S3::Bucket")["Uploads"]
        self.assertTrue(all(bucket["PublicAccessBlockConfiguration"].values()))
        self.assertTrue(any("ExpirationInDays" in it for it in bucket["LifecycleConfiguration"]["Rules"]))
        self.assertNotIn("VersioningConfiguration", bucket)

    def test_only_our_mail_reports_what_became_of_it(self):
        [statement] = self.template.of("AWS::SNS::TopicPolicy")["FeedbackTopicPolicy"]["PolicyDocument"]["Statement"]
        held = statement.get("Condition", {}).get("StringEquals", {})
        self.assertEqual(set(held), {"aws:SourceAccount", "aws:SourceArn"})

    def test_logs_end(self):
        groups = self.template.of("AWS::Logs::LogGroup")
        self.assertEqual(len(groups), 6)
        for name, group in groups.items():
            self.assertIn("RetentionInDays", group, name)

    def test_access_logs_say_nothing_about_people(self):
        written = self.template.of("AWS::ApiGatewayV2::Stage")["Stage"]["AccessLogSettings"]["Format"]
        used = set(re.findall(r"\$context\.(\w+)", written))
        self.assertEqual(used, {"requestId", "requestTimeEpoch", "routeKey", "status", "responseLatency",
                                "integrationErrorMessage"})


def metrics(alarm):
    """Every metric that an alarm watches, itself or in a formula."""
    if "Metrics" not in alarm:
        return [alarm]
    return [it["MetricStat"]["Metric"] for it in alarm["Metrics"] if "MetricStat" in it]


class Alarms(unittest.TestCase):
    """What operators are told."""

    def setUp(self):
        self.template = Template()
        self.alarms = self.template.of("AWS::CloudWatch::Alarm")
        self.names = [it["AlarmName"]["Fn::Sub"].removeprefix("${TablePrefix}") for it in self.alarms.values()]

    def test_everything_that_can_be_late_lost_or_changed_has_an_alarm(self):
        self.assertLessEqual(
            {"project-late", "notify-late", "project-silent", "notify-silent", "calls-held-back",
             "project-dead-letters", "notify-dead-letters", "feedback-dead-letters",
             "log-changed", "sweep-missing", "codes-refused", "reset-codes-refused", "process-codes-refused", "bounces",
             "complaints", "server-errors", "sign-in-throttles",
             "account-throttles", "events-writes-throttled", "vault-reads-throttled", "guards-writes-throttled"},
            set(self.names),
        )

    def test_every_alarm_tells_somebody(self):
        for name, alarm in self.alarms.items():
            self.assertEqual(alarm["AlarmActions"], [{"Ref": "AlarmTopic"}], name)

    def test_every_alarm_has_its_page_in_the_runbook_and_every_page_its_alarm(self):
        pages = []
        for heading in re.findall(r"^## (.+)$", read("infra/runbook.md"), re.M):
            pages += [name.strip("` ") for name in heading.split(",")]
        self.assertEqual(sorted(pages), sorted(self.names))

    def test_what_our_own_metrics_are_called_is_what_the_code_calls_them(self):
        sources = [read(f"events/src/{name}.rs") for name in ("sign_in", "message", "verification")]
        known = set(re.findall(r'= "([a-z_]+\.[a-z_]+)", \d', "".join(sources)))
        known |= {re.search(r'LOG_CHANGED: &str = "(\w+)"', read("shared/runtime/src/feed.rs"))[1], "calls"}
        calls_of = {name: read(f"functions/{name}/src/lib.rs") for name in ("notify", "project")}
        filtered = self.template.of("AWS::Logs::MetricFilter").values()
        filtered = {it["MetricName"] for of in filtered for it in of["MetricTransformations"]}
        watched = [(name, metric) for name, alarm in self.alarms.items() for metric in metrics(alarm)]
        ours = [(name, metric) for name, metric in watched if metric["Namespace"] == "Postern"]
        self.assertGreater(len(ours), 10)
        for name, metric in ours:
            dimensions = {it["Name"]: it["Value"] for it in metric.get("Dimensions", [])}
            if not dimensions:
                self.assertIn(metric["MetricName"], filtered, name)
                continue
            self.assertIn(metric["MetricName"], known, name)
            self.assertIn(set(dimensions), ({"function"}, {"function", "call"}), name)
            if "call" in dimensions:
                self.assertIn(f'"{dimensions["call"]}"', calls_of[dimensions["function"]], name)
            elif metric["MetricName"] != "calls":
                # What is no figure of every invocation is counted by function alone.
                self.assertEqual(set(dimensions), {"function"}, name)

    def test_a_table_that_holds_calls_back_is_measured_where_it_says_so(self):
        # DynamoDB tells ThrottledRequests by table and operation; an alarm on the table alone would never ring.
        of_tables = [it for it in self.alarms.values() if it.get("Namespace") == "AWS/DynamoDB"]
        self.assertEqual(len(of_tables), 10)
        for alarm in of_tables:
            self.assertIn(alarm["MetricName"], ("ReadThrottleEvents", "WriteThrottleEvents"))
            self.assertEqual([it["Name"] for it in alarm["Dimensions"]], ["TableName"])


class Front(unittest.TestCase):
    """What stands in front of the API, and behind it."""

    def setUp(self):
        self.template = Template()

    def test_headers_are_believed_only_where_the_api_s_own_address_is_closed(self):
        rule = self.template.template["Rules"]["HeadersAreCloudFronts"]
        self.assertEqual(rule["RuleCondition"], {"Fn::Equals": [{"Ref": "ViewerHeaders"}, "cloudfront"]})
        self.assertEqual(rule["Assertions"][0]["Assert"], {"Fn::Equals": [{"Ref": "ApiAddress"}, "closed"]})
        api = self.template.of("AWS::ApiGatewayV2::Api")["Api"]
        self.assertEqual(api["DisableExecuteApiEndpoint"], {"Fn::If": ["IsClosed", True, False]})
        closed = self.template.template["Conditions"]["IsClosed"]
        self.assertEqual(closed, {"Fn::Equals": [{"Ref": "ApiAddress"}, "closed"]})

    def test_functions_believe_amazon_s_authorities_alone(self):
        pem = re.findall("-----BEGIN CERTIFICATE-----(.*?)-----END", read("infra/roots/roots.pem"), re.S)
        packed = [hashlib.sha256(base64.b64decode(it)).hexdigest() for it in pem]
        known = re.findall("`([0-9a-f]{64})`", read("infra/roots/README.md"))
        self.assertEqual(len(known), 5)
        self.assertEqual(packed, known)
        for name in FUNCTIONS:
            function = self.template.of("AWS::Lambda::Function")[f"{name}Function"]
            self.assertEqual(function["Environment"]["Variables"].get("SSL_CERT_FILE"), "/var/task/roots.pem", name)


class Mutations(Planted):
    """The checks see what they are for."""

    def test_planted_defects_are_seen(self):
        defects = [
            (Rights, "test_no_action_is_a_pattern",
             lambda it: statement(it, "AccountRole", "KeepThePerson").update(Action=["dynamodb:*"])),
            (Rights, "test_whatever_has_a_name_is_named",
             lambda it: statement(it, "NotifyRole", "EndSessions").update(Resource="*")),
            (Rights, "test_whatever_gives_rights_is_seen_here",
             lambda it: it["ProjectRole"]["Properties"].update(ManagedPolicyArns=["arn:aws:iam::aws:policy/Admin"])),
            (Rights, "test_a_pattern_in_a_resource_is_one_of_these",
             lambda it: statement(it, "FeedbackRole", "NoteWhatBecameOfMail").update(
                 Resource={"Fn::Sub": "arn:aws:dynamodb:*:*:table/${TablePrefix}*"})),
            (Rights, "test_nobody_changes_the_log",
             lambda it: statement(it, "FeedbackRole", "NoteWhatBecameOfMail")["Action"].append("dynamodb:UpdateItem")),
            (Rights, "test_who_opens_nothing_has_no_vault_no_key_and_no_secret",
             lambda it: statement(it, "ProjectRole", "Project").update(Resource=arn("Vault"))),
            (Rights, "test_whoever_appends_is_held_to_streams",
             lambda it: statement(it, "SignInRole", "AppendToTheLog").pop("Condition")),
            (Rights, "test_whoever_appends_is_held_to_streams",
             lambda it: statement(it, "SignInRole", "AppendToTheLog")["Condition"].pop("Null")),
            (Rights, "test_whoever_appends_is_held_to_streams",
             lambda it: statement(it, "SignInRole", "AppendToTheLog")["Condition"].pop("ForAllValues:StringLike")),
            (Functions, "test_every_variable_is_set_and_no_other",
             lambda it: it["NotifyFunction"]["Properties"]["Environment"]["Variables"].pop("POSTERN_SECRET_ID")),
            (Functions, "test_calls_leave_room_for_what_follows_the_stream",
             lambda it: it["NotifyFunction"]["Properties"].pop("ReservedConcurrentExecutions")),
            (Front, "test_headers_are_believed_only_where_the_api_s_own_address_is_closed",
             lambda it: it["Api"]["Properties"].update(DisableExecuteApiEndpoint=False)),
            (Front, "test_functions_believe_amazon_s_authorities_alone",
             lambda it: it["NotifyFunction"]["Properties"]["Environment"]["Variables"].pop("SSL_CERT_FILE")),
            (Functions, "test_every_call_is_routed_to_its_function_and_nothing_else_is",
             lambda it: it.pop("GetDevicesRoute")),
            (Functions, "test_every_mapping_repeats_keeps_and_gives_up_as_agreed",
             lambda it: it["NotifyMapping"]["Properties"].pop("DestinationConfig")),
            (Functions, "test_a_change_of_the_log_is_seen",
             lambda it: it["ProjectMapping"]["Properties"].update(FilterCriteria={"Filters": []})),
            (Rights, "test_a_message_is_claimed_by_notify_and_told_of_by_feedback_alone",
             lambda it: statement(it, "AccountRole", "AppendToTheLog")["Condition"]["ForAllValues:StringLike"][
                 "dynamodb:LeadingKeys"].append("message/*")),
            (Data, "test_tables_are_encrypted_recoverable_and_stay",
             lambda it: it["Vault"]["Properties"].update(DeletionProtectionEnabled=False)),
            (Data, "test_only_our_mail_reports_what_became_of_it",
             lambda it: it["FeedbackTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"][0].pop("Condition")),
        ]
        self.all_are_seen(defects)


if __name__ == "__main__":
    unittest.main()
