"""What a journey needs beside the API: an inbox, the log, a clock that can't be turned.

Speaks the paths under `/_local/` of the local stack, for a deployment on the emulator.
"""

import base64
import json
import threading
import time
import urllib.parse
import urllib.request
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Seconds in which nothing may happen before all that happened counts as reacted to: more than the
# emulator needs from a write to the function behind the stream.
QUIET = 1.2
# Seconds until it has to be quiet.
PATIENCE = 60
# A journey that waits longer than this can't be played on a clock that only goes by itself.
LONGEST_WAIT = 60


class Deployment:
    """The tables, the inbox and the topics of what was deployed."""

    def __init__(self, emulator, outputs):
        self.emulator = emulator
        self.outputs = outputs
        self.dynamodb = emulator.client("dynamodb")
        self.sns = emulator.client("sns")
        self.sqs = emulator.client("sqs")
        self.tables = {name: outputs["TablePrefix"] + name for name in
                       ["events", "vault", "guards", "sessions", "views"]}
        self.reported = set()
        self.forgotten = 0
        self.lock = threading.Lock()

    def items(self, table):
        """All items of a table."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.tables[table], ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def commits(self):
        """The log, in the order in which it came about."""
        commits = []
        for item in self.items("events"):
            events = json.loads(item["events"]["S"])
            commits.append({
                "stream": item["stream"]["S"],
                "version": int(item["version"]["N"]),
                "events": events,
                "meta": json.loads(item["meta"]["S"]),
                "types": sorted(item["types"]["SS"]),
                "state": json.loads(item["state"]["S"]),
                "state_schema": int(item["state_schema"]["N"]),
                "chain": base64.b64encode(item["chain"]["B"]).decode(),
                "cursor": events[0]["id"],
            })
        # Identifiers of events begin with their time.
        return sorted(commits, key=lambda it: (it["cursor"], it["stream"]))

    def ever_sent(self):
        """Every mail there ever was, oldest first."""
        with urllib.request.urlopen(f"{self.emulator.url}/_ministack/ses/messages", timeout=30) as answer:
            by_account = json.load(answer)["messages"]
        mails = [mail for mails in by_account.values() for mail in mails]
        return sorted(mails, key=lambda it: it["Timestamp"])

    def sent(self):
        """Every mail since the last reset, oldest first."""
        return self.ever_sent()[self.forgotten:]

    def emails(self, to):
        """Mails to an address, newest first, as the local stack shows them."""
        return [
            {
                "id": mail["MessageId"],
                "at": str(mail["Timestamp"]),
                "to": mail["To"],
                "from": mail["Source"],
                "subject": mail["Subject"],
                "text": mail["BodyText"],
                "html": mail["BodyHtml"] or "",
                "headers": {},
            }
            for mail in reversed(self.sent())
            if to in mail["To"]
        ]

    def report_arrivals(self):
        """The emulator's SES tells nobody what became of a mail. Its SNS brings a report all the same."""
        for commit in self.commits():
            for event in commit["events"]:
                message = commit["stream"].partition("/")[2]
                if event["type"] == "message.sent" and message not in self.reported:
                    self.reported.add(message)
                    self.publish_delivery(message)

    def publish_delivery(self, message):
        """What SES publishes when a mail has arrived."""
        now = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
        report = {
            "eventType": "Delivery",
            "mail": {"timestamp": now, "messageId": message, "tags": {"message_id": [message]}},
            "delivery": {"timestamp": now, "recipients": [], "smtpResponse": "250 ok"},
        }
        self.sns.publish(TopicArn=self.outputs["FeedbackTopic"], Message=json.dumps(report))

    def look(self):
        """What changes whenever something happens."""
        return [len(self.items(table)) for table in self.tables] + [len(self.sent())]

    def drain(self):
        """Returns once nothing has happened for a while."""
        with self.lock:
            until = time.monotonic() + PATIENCE
            seen, since = None, time.monotonic()
            while time.monotonic() < until:
                self.report_arrivals()
                now = self.look()
                if now != seen:
                    seen, since = now, time.monotonic()
                elif time.monotonic() - since >= QUIET:
                    return
                time.sleep(0.1)
        raise RuntimeError("it doesn't become quiet")

    def reset(self):
        """Empties the tables and the inbox."""
        self.drain()
        for name, table in self.tables.items():
            keys = self.dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
            names = [key["AttributeName"] for key in keys]
            for item in self.items(name):
                self.dynamodb.delete_item(TableName=table, Key={key: item[key] for key in names})
        self.forgotten += len(self.sent())
        self.reported.clear()

    def dead_letters(self):
        """What no function could handle."""
        letters = []
        for key, url in self.outputs.items():
            if key.endswith("QueueUrl"):
                got = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
                letters += [{"queue": key, "body": it["Body"]} for it in got.get("Messages", [])]
        return letters


class Handler(BaseHTTPRequestHandler):
    """Answers as the local stack does."""

    deployment = None
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Says nothing."""

    def answer(self, status, body, kind="application/json"):
        """Sends an answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):  # noqa: N802
        """Shows something."""
        url = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/healthz":
            self.answer(200, {})
        elif url.path == "/_local/emails":
            self.answer(200, self.deployment.emails(query["to"]))
        elif url.path == "/_local/events":
            commits = [it for it in self.deployment.commits() if query.get("stream") in (None, it["stream"])]
            self.answer(200, "".join(json.dumps(it) + "\n" for it in commits).encode(), "application/x-ndjson")
        elif url.path == "/_local/dead-letters":
            self.answer(200, self.deployment.dead_letters())
        else:
            self.answer(501, {"code": "not_here"})

    def do_POST(self):  # noqa: N802
        """Does something."""
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        if self.path == "/_local/drain":
            self.deployment.drain()
            self.answer(200, {})
        elif self.path == "/_local/reset":
            self.deployment.reset()
            self.answer(200, {})
        elif self.path == "/_local/clock" and body.get("advance_seconds", 0) <= LONGEST_WAIT:
            time.sleep(body.get("advance_seconds", 0))
            now = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
            self.answer(200, {"server_time": now})
        else:
            self.answer(501, {"code": "not_here"})


def serve(deployment):
    """Serves on a free port, and says where."""
    handler = type("Handler", (Handler,), {"deployment": deployment})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}"
