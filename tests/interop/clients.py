"""Drives the whole control plane with the SDKs that programs use: each client takes the same steps at its own endpoint, and
its results are compared with the same expectations.

    clients.py BINARY NAME=COMMAND...

COMMAND is split as in a shell. It gets a plan as its last argument, and prints the result of each step; see
`clients/boto.py`.
"""

import base64
import datetime
import json
import shlex
import subprocess
import sys

import oracle
from stage import Stage, main_guard

ACCOUNT = "123456789012"
SAMPLE, SAMPLE_TRANSACTIONS = "vehicle-registration", "60"
# Large enough for two exports to be still running when the third and the fourth are requested.
BIG, BIG_TRANSACTIONS = "big", "6000"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TAGS = {"cost": "a&b", "two words": "ü/+ ="}
PLAN = {
    "sample": SAMPLE,
    "big": BIG,
    "role": f"arn:aws:iam::{ACCOUNT}:role/export",
    "key": KEY,
    "kinesis": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/changes",
    "tags": TAGS,
    "block": "7",
    "unknown export": "0" * 22,
}
CLIENT_SECONDS = 300

# The exceptions of refused steps. The service's model declares them, so each SDK has a type for each.
REFUSALS = {
    "create again": "ResourceAlreadyExistsException",
    "describe nobody": "ResourceNotFoundException",
    "delete protected": "ResourcePreconditionNotMetException",
    "describe no export": "ResourceNotFoundException",
    "export backwards": "InvalidParameterException",
    "block of nobody": "InvalidParameterException",
    "describe deleted": "ResourceNotFoundException",
}
# ExportJournalToS3 declares only one of its exceptions. Older SDKs give the others their name, but a general type.
UNDECLARED = {"export backwards"}
# The endpoint does not support streams. This exception is not declared, so it only has a name.
UNDONE = {
    "describe stream": "UnsupportedOperationException",
    "cancel stream": "UnsupportedOperationException",
    "stream": "UnsupportedOperationException",
}


class Steps:
    """The results of one client, step by step."""

    def __init__(self, score, client, printed):
        self.score, self.client = score, client
        found = json.loads(printed)
        self.version, self.steps = found["version"], found["steps"]

    def check(self, name, condition, step):
        self.score.check(f"{self.client} {self.version}: {name}", condition, self.steps.get(step))

    def answer(self, step):
        return self.steps.get(step, {}).get("answer", {})

    def is_refused(self, step, error):
        return self.steps.get(step, {}).get("error") == error

    def ledgers(self):
        made, described = self.answer("create"), self.answer("describe")
        self.check("CreateLedger answers CREATING and the ARN", made.get("State") == "CREATING" and made["Arn"].endswith(f":{ACCOUNT}:ledger/{self.client}"), "create")
        self.check("DescribeLedger answers ACTIVE", described.get("State") == "ACTIVE" and described["DeletionProtection"] is True, "describe")
        self.check("the SDK reads its time", is_now(described.get("CreationDateTime")), "describe")
        updated = self.answer("update")
        key = updated.get("EncryptionDescription", {}).get("KmsKeyArn")
        self.check("UpdateLedger changes protection and key", updated.get("DeletionProtection") is False and key == KEY, "update")
        self.check("UpdateLedgerPermissionsMode", self.answer("update mode").get("PermissionsMode") == "ALLOW_ALL", "update mode")
        self.check("TagResource and UntagResource", "answer" in self.steps["tag"] and "answer" in self.steps["untag"], "untag")
        self.check("ListTagsForResource", self.answer("tags").get("Tags") == TAGS, "tags")
        names = [ledger["Name"] for ledger in self.answer("ledgers").get("Ledgers", [])]
        self.check("ListLedgers, one a page", names == sorted([self.client, BIG, SAMPLE]), "ledgers")
        self.check("DeleteLedger", "answer" in self.steps["delete"], "delete")

    def exports(self):
        made = self.answer("export").get("ExportId")
        self.check("ExportJournalToS3, up to now, gives an id", len(made or "") == 22, "export")
        export = self.answer("description").get("ExportDescription", {})
        place = export.get("S3ExportConfiguration", {})
        self.check("DescribeJournalS3Export reaches COMPLETED", export.get("Status") == "COMPLETED", "description")
        self.check("and repeats the request", (export.get("LedgerName"), place.get("Bucket"), place.get("Prefix"), export.get("OutputFormat")) == (SAMPLE, "exports", f"{self.client}/", "ION_TEXT"), "description")
        self.check("and when it ends", is_now(export.get("ExclusiveEndTime")), "description")
        ids = [one["ExportId"] for one in self.answer("exports").get("JournalS3Exports", [])]
        self.check("ListJournalS3Exports", ids == [made], "exports")
        ids = [one["ExportId"] for one in self.answer("exports of the ledger").get("JournalS3Exports", [])]
        self.check("ListJournalS3ExportsForLedger", ids == [made], "exports of the ledger")
        starts = [f"limit {number}" for number in range(4)]
        limited = [self.steps[step]["error"] for step in starts if "error" in self.steps[step]]
        self.check("of four exports two run, two are a LimitExceededException", limited == ["LimitExceededException"] * 2, starts[3])

    def proofs(self):
        given = self.answer("digest").get("Digest")
        self.check("GetDigest gives 32 bytes", len(base64.b64decode(given or "")) == 32, "digest")
        digest = base64.b64decode(given)
        for step, content, prove in (("block", "Block", oracle.prove_block), ("revision", "Revision", oracle.prove_revision)):
            answer = self.answer(step)
            name = f"{self.client} {self.version}: Get{content} leads to the digest"
            self.score.attempt(name, lambda: prove(answer[content]["IonText"], answer["Proof"]["IonText"], digest))

    def refusals(self):
        for step, error in REFUSALS.items():
            typed = step in UNDECLARED or self.steps[step].get("type") == error
            said = self.is_refused(step, error) and self.steps[step].get("message")
            self.check(f"{step}: {error}", typed and said, step)
        for step, error in UNDONE.items():
            said = self.is_refused(step, error) and "Kinesis" in self.steps[step].get("message", "")
            self.check(f"{step}: {error}, and why", said, step)
        self.check("ListJournalKinesisStreamsForLedger is an empty list", self.answer("streams").get("Streams", 0) in ([], None), "streams")


def is_now(text):
    """Whether an SDK's time is of this hour."""
    try:
        time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        return False
    return abs(datetime.datetime.now(datetime.timezone.utc) - time) < datetime.timedelta(hours=1)


def ask(score, binary, client, command):
    """Runs a client at an endpoint of its own."""
    with Stage(binary, None) as stage:
        for ledger, transactions in ((SAMPLE, SAMPLE_TRANSACTIONS), (BIG, BIG_TRANSACTIONS)):
            made = stage.run("ledger", "sample", ledger, "--transactions", transactions)
            if not score.check(f"{client}: ledger sample {ledger}", made.returncode == 0, made.stderr):
                return
        if score.attempt(f"{client}: serve starts", stage.serve) is None:
            return
        environment = stage.environment | {"AWS_MAX_ATTEMPTS": "1"}
        plan = json.dumps(PLAN | {"name": client})
        ran = subprocess.run(
            [*shlex.split(command), plan], env=environment, capture_output=True, text=True, timeout=CLIENT_SECONDS, check=False
        )
        if score.check(f"{client}: takes every step", ran.returncode == 0, ran.stderr[-2000:]):
            steps = Steps(score, client, ran.stdout)
            for part in (steps.ledgers, steps.exports, steps.proofs, steps.refusals):
                part()
        score.check(f"{client}: serve ends in order", stage.terminate() == 0, stage.log_tail())


def run(score):
    binary, *clients = sys.argv[1:]
    for client in clients:
        ask(score, binary, *client.split("=", 1))


if __name__ == "__main__":
    main_guard(run)
