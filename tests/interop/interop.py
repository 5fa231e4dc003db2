"""Drives the endpoint of the built binary with the real AWS CLI.

    interop.py BINARY AWS

Every operation, every format, the errors, and a server that is killed in the
middle of an export. oracle.py checks the exports.
"""

import base64
import datetime
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import oracle
from stage import VARIABLES, Stage, main_guard, wait_until

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/export"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SAMPLE = "vehicle-registration"
BIG = "big"
BIG_TRANSACTIONS = "10000"
UNKNOWN_EXPORT = "0" * 22
EXPORT_SECONDS = 240
# Another implementation of the hashing, if there is one beside the repository.
REFERENCE = pathlib.Path(
    os.environ.get(
        "QLDB_EXPORT_REFERENCE",
        pathlib.Path(__file__).resolve().parents[3] / "shared" / "qldb" / "reference" / "qldbhash.py",
    )
)


def at(**back):
    """A time in the past, in the format of the AWS CLI."""
    time = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**back)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def export_arguments(ledger, **changed):
    """The arguments for exporting the last 60 days, with some of them changed."""
    encryption = {"ObjectEncryptionType": changed.get("encryption", "NO_ENCRYPTION")}
    if "key" in changed:
        encryption["KmsKeyArn"] = changed["key"]
    target = {
        "Bucket": changed.get("bucket", "exports"),
        "Prefix": changed.get("prefix", ""),
        "EncryptionConfiguration": encryption,
    }
    arguments = [
        "--name", ledger,
        "--inclusive-start-time", changed.get("start", at(days=60)),
        "--exclusive-end-time", changed.get("end", at()),
        "--role-arn", changed.get("role", ROLE),
        "--s3-export-configuration", json.dumps(target),
    ]  # fmt: skip
    return arguments + (["--output-format", changed["format"]] if "format" in changed else [])


def holder(ion_text):
    """An Ion value, in the format of the AWS CLI."""
    return json.dumps({"IonText": ion_text})


class Interop:
    def __init__(self, score, stage, pool):
        self.score, self.stage, self.pool = score, stage, pool
        self.started, self.verdicts, self.comparison = {}, {}, None
        self.check, self.aws = score.check, stage.aws

    # Ledgers and tags

    def ledgers(self):
        made = self.aws("create-ledger", "--name", "L1", "--permissions-mode", "STANDARD", "--tags", "made=by cli")
        self.check("create-ledger answers CREATING", made.json.get("State") == "CREATING", made)
        self.check("create-ledger enables deletion protection by default", made.json.get("DeletionProtection") is True, made)
        arn = made.json.get("Arn", "")
        self.check("create-ledger names the ARN", arn.endswith(f":{ACCOUNT}:ledger/L1"), made)
        again = self.aws("create-ledger", "--name", "L1", "--permissions-mode", "STANDARD")
        self.check("a name can be used once", again.error == "ResourceAlreadyExistsException", again)
        self.describe_and_change()
        self.pages("list-ledgers", [], "Ledgers", lambda ledger: ledger["Name"], ["L1", "L2", SAMPLE])
        self.tags(arn)
        self.removal()

    def describe_and_change(self):
        described = self.aws("describe-ledger", "--name", "L1")
        self.check("describe-ledger answers ACTIVE", described.json.get("State") == "ACTIVE", described)
        key = described.json.get("EncryptionDescription", {})
        owned = {"KmsKeyArn": "AWS_OWNED_KMS_KEY", "EncryptionStatus": "ENABLED"}
        self.check("describe-ledger names the AWS owned key", key == owned, described)
        mode = self.aws("update-ledger-permissions-mode", "--name", "L1", "--permissions-mode", "ALLOW_ALL")
        self.check("update-ledger-permissions-mode", mode.json.get("PermissionsMode") == "ALLOW_ALL", mode)
        changed = self.aws("update-ledger", "--name", "L1", "--no-deletion-protection", "--kms-key", KEY)
        self.check("update-ledger switches protection off", changed.json.get("DeletionProtection") is False, changed)
        new_key = changed.json.get("EncryptionDescription", {}).get("KmsKeyArn")
        self.check("update-ledger changes the key", new_key == KEY, changed)
        self.check("update-ledger returns no permissions mode", "PermissionsMode" not in changed.json, changed)
        second = self.aws("create-ledger", "--name", "L2", "--permissions-mode", "ALLOW_ALL")
        self.check("a second ledger is created", second.status == 0, second)

    def tags(self, arn):
        tag = self.aws("tag-resource", "--resource-arn", arn, "--tags", json.dumps({"cost": "a&b", "two words": "ü/+ ="}))
        self.check("tag-resource", tag.status == 0, tag)
        untag = self.aws("untag-resource", "--resource-arn", arn, "--tag-keys", "made", "cost")
        self.check("untag-resource", untag.status == 0, untag)
        listed = self.aws("list-tags-for-resource", "--resource-arn", arn)
        self.check("list-tags-for-resource", listed.json.get("Tags") == {"two words": "ü/+ ="}, listed)
        other = self.aws("list-tags-for-resource", "--resource-arn", arn.replace("L1", "nobody"))
        self.check("tags of an unknown ledger", other.error == "ResourceNotFoundException", other)

    def removal(self):
        kept = self.aws("delete-ledger", "--name", "L2")
        self.check("a protected ledger stays", kept.error == "ResourcePreconditionNotMetException", kept)
        gone = self.aws("delete-ledger", "--name", "L1")
        self.check("delete-ledger", gone.status == 0, gone)
        described = self.aws("describe-ledger", "--name", "L1")
        self.check("a deleted ledger is not found", described.error == "ResourceNotFoundException", described)

    def pages(self, operation, arguments, member, name, expected):
        """Reads a list two entries at a time, and compares the entries of all pages."""
        found, token, pages = [], None, 0
        while pages < 20:
            more = ["--next-token", token] if token else []
            page = self.aws(operation, *arguments, "--max-results", "2", *more)
            items = page.json.get(member, [])
            pages += 1
            if not self.check(f"{operation}: page {pages} holds 1 or 2", 1 <= len(items) <= 2, page):
                return
            found += [name(item) for item in items]
            token = page.json.get("NextToken")
            if not token:
                break
        self.check(f"{operation}: all pages together", found == expected, f"{found}, expected {expected}")

    # Exports

    def exports(self):
        started = {}
        for format_name in ("ION_TEXT", "ION_BINARY", "JSON"):
            arguments = export_arguments(SAMPLE, prefix=f"{format_name}/", format=format_name)
            call = self.aws("export-journal-to-s3", *arguments)
            if self.check(f"export-journal-to-s3 as {format_name}", "ExportId" in call.json, call):
                started[format_name] = call.json["ExportId"]
                self.finished(SAMPLE, started[format_name], format_name)
        newest_first = list(reversed(started.values()))
        self.pages("list-journal-s3-exports", [], "JournalS3Exports", lambda e: e["ExportId"], newest_first)
        arguments = ["--name", SAMPLE]
        self.pages(
            "list-journal-s3-exports-for-ledger", arguments, "JournalS3Exports", lambda e: e["ExportId"], newest_first
        )
        unknown = self.aws("list-journal-s3-exports-for-ledger", "--name", "nobody")
        self.check("an unknown ledger has no exports", unknown.json.get("JournalS3Exports") == [], unknown)
        self.started = started
        self.ask_the_oracle()

    def finished(self, ledger, export_id, what):
        """Polls as AWS's samples do, and checks the final description."""
        arguments = ["--name", ledger, "--export-id", export_id]

        def described():
            answer = self.aws("describe-journal-s3-export", *arguments)
            running = answer.json.get("ExportDescription", {}).get("Status") == "IN_PROGRESS"
            return None if running else answer

        answer = wait_until(described, EXPORT_SECONDS, pause=0.2)
        export = answer.json.get("ExportDescription", {}) if answer else {}
        return self.check(f"{what}: describe-journal-s3-export reaches COMPLETED", export.get("Status") == "COMPLETED", answer)

    # Proofs

    def proofs(self):
        """A digest, and proofs of blocks and revisions, which the oracle checks against it."""
        answer = self.aws("get-digest", "--name", SAMPLE)
        if not self.check("get-digest", "Digest" in answer.json, answer):
            return
        digest = base64.b64decode(answer.json["Digest"])
        tip = answer.json["DigestTipAddress"]["IonText"]
        parsed = oracle.parse(tip)
        strand, last = str(parsed["strandId"]), int(parsed["sequenceNo"])
        self.check("the tip's address is compact", tip == f'{{strandId:"{strand}",sequenceNo:{last}}}', tip)
        for number in (0, 1, last // 2, last - 1, last):
            address = '{strandId: "%s", sequenceNo: %d}' % (strand, number)
            arguments = ["--name", SAMPLE, "--block-address", holder(address)]
            self.block_and_revision(number, arguments, ["--digest-tip-address", holder(tip)], digest)

    def block_and_revision(self, number, arguments, with_tip, digest):
        bare = self.aws("get-block", *arguments)
        self.check(f"get-block {number}: no tip, no proof", "Block" in bare.json and "Proof" not in bare.json, bare)
        answer = self.aws("get-block", *arguments, *with_tip)
        if not self.check(f"get-block {number}", {"Block", "Proof"} <= answer.json.keys(), answer):
            return
        text, proof = answer.json["Block"]["IonText"], answer.json["Proof"]["IonText"]
        proved = self.score.attempt(f"block {number} leads to the digest", lambda: oracle.prove_block(text, proof, digest))
        for document in (proved or [])[:1]:
            answer = self.aws("get-revision", *arguments, *with_tip, "--document-id", document)
            if self.check(f"get-revision in block {number}", {"Revision", "Proof"} <= answer.json.keys(), answer):
                text, proof = answer.json["Revision"]["IonText"], answer.json["Proof"]["IonText"]
                name = f"revision of {document} leads to the digest"
                self.score.attempt(name, lambda: oracle.prove_revision(text, proof, digest))

    def bucket(self, name="exports"):
        return self.stage.data / "buckets" / name

    def manifest(self, prefix, export_id, bucket="exports"):
        """The key of an export's final manifest."""
        found = list(self.bucket(bucket).glob(f"{prefix}{export_id}.*.completed.manifest"))
        if len(found) != 1:
            raise FileNotFoundError(f"{len(found)} final manifests of {export_id}")
        return str(found[0].relative_to(self.bucket(bucket)))

    def ask_the_oracle(self):
        """Hashing in Python is slow, so it runs beside the next calls."""
        for name, export_id in self.started.items():
            check = oracle.check_json_export if name == "JSON" else oracle.check_export
            self.verdicts[name] = self.pool.submit(check, self.bucket(), self.manifest(f"{name}/", export_id))
        if REFERENCE.is_file() and "ION_BINARY" in self.started:
            manifest = self.manifest("ION_BINARY/", self.started["ION_BINARY"])
            self.comparison = self.pool.submit(oracle.compare_with, REFERENCE, self.bucket(), manifest)

    def contents(self):
        """Compares the contents of the three exports of the sample."""
        checked = {}
        for name, export_id in self.started.items():
            found = self.score.attempt(f"{name}: the oracle finds every hash correct", self.verdicts[name].result)
            checked[name] = found or {"blocks": 0, "hashes": []}
            started = self.bucket() / name / f"{export_id}.started.manifest"
            self.check(f"{name}: the started manifest is there", started.is_file())
            strays = self.strays(f"{name}/", export_id)
            self.check(f"{name}: there is nothing else", strays == [], strays)
        counts = {name: found["blocks"] for name, found in checked.items()}
        self.check("the sample has about 1,000 blocks in every format", min(counts.values(), default=0) >= 900, counts)
        hashes = [found["hashes"] for found in checked.values()]
        same = len(hashes) == 3 and all(found == hashes[0] for found in hashes)
        self.check("the three formats hold the same blocks", same, counts)
        print(f"       checked: {counts} blocks, {checked.get('ION_TEXT', {}).get('revisions')} revisions")
        self.jq(self.started.get("JSON"))
        self.oracle_is_awake(self.started.get("ION_TEXT"))
        self.reference()

    def strays(self, prefix, export_id, bucket="exports"):
        """Files under a prefix that do not belong to the one export there, and missing ones."""
        home = self.bucket(bucket)
        manifest = self.manifest(prefix, export_id, bucket)
        known = {manifest, f"{prefix}{export_id}.started.manifest"}
        known |= {key for key, _ in oracle.objects_of(home, manifest)}
        there = {str(path.relative_to(home)) for path in (home / prefix).rglob("*") if path.is_file()}
        return sorted(there ^ known)

    def jq(self, export_id):
        if export_id is None or shutil.which("jq") is None:
            print("       jq is not installed: only Python read the JSON export")
            return
        for key, path in oracle.objects_of(self.bucket(), self.manifest("JSON/", export_id)):
            lines = len(path.read_bytes().splitlines())
            done = subprocess.run(["jq", "-c", ".", str(path)], capture_output=True, text=True, check=False)
            self.check(f"jq reads {key}", done.returncode == 0 and len(done.stdout.splitlines()) == lines, done.stderr)

    def oracle_is_awake(self, export_id):
        """Checks that the oracle finds one changed byte in a copy."""
        if export_id is None:
            return
        copy = self.stage.home / "copy"
        shutil.copytree(self.bucket(), copy)
        manifest = self.manifest("ION_TEXT/", export_id)
        _, path = oracle.objects_of(copy, manifest)[0]
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('tableName:"', 'tableName:"X', 1), encoding="utf-8")
        try:
            oracle.check_export(copy, manifest)
            fault = ""
        except oracle.Faulty as found:
            fault = str(found)
        self.check("the oracle finds a changed table name", "transactionInfo" in fault, fault or "it found nothing")

    def reference(self):
        if self.comparison is None:
            print("       there is no reference implementation: only the oracle checked the exports")
            return
        compared = self.score.attempt("another implementation agrees", self.comparison.result)
        print(f"       compared: {compared} blocks")

    # Errors

    def refusals(self):
        """Calls that must fail, several at a time, because each takes the CLI almost a second."""
        export, invalid = "export-journal-to-s3", "InvalidParameterException"
        missing, undone = "ResourceNotFoundException", "UnsupportedOperationException"
        describe = ["--name", SAMPLE, "--export-id"]
        address = ["--name", SAMPLE, "--block-address", holder("{}")]
        foreign = ["--name", SAMPLE, "--block-address", holder('{strandId: "%s", sequenceNo: 0}' % UNKNOWN_EXPORT)]
        wrong_key = {"AWS_SECRET_ACCESS_KEY": "guess"}
        cases = [
            ("an unknown ledger", missing, "The Ledger with name nobody is not found", export, export_arguments("nobody"), {}),
            ("an end in the future", invalid, "End date cannot be in the future", export, export_arguments(SAMPLE, end=at(days=-1)), {}),
            ("a start after the end", invalid, "Start date must not be greater than end date", export, export_arguments(SAMPLE, start=at(days=1), end=at(days=2)), {}),
            ("a start at the end", invalid, "Start date must not be greater than end date", export, export_arguments(SAMPLE, start="2020-01-01T00:00:00Z", end="2020-01-01T00:00:00Z"), {}),
            ("a bucket whose name S3 does not allow", invalid, "validating S3 configuration", export, export_arguments(SAMPLE, bucket="No_Bucket"), {}),
            ("a bucket that leaves the directory", invalid, "validating S3 configuration", export, export_arguments(SAMPLE, bucket="../../x"), {}),
            ("a prefix that leaves the bucket", invalid, "Prefix", export, export_arguments(SAMPLE, prefix="../x/"), {}),
            ("a prefix that is too long", invalid, "must not exceed 128 characters", export, export_arguments(SAMPLE, prefix="p" * 129), {}),
            ("a KMS key with SSE_S3", invalid, "is not compatible with an AWS KMS key", export, export_arguments(SAMPLE, encryption="SSE_S3", key=KEY), {}),
            ("SSE_KMS without a key", invalid, "KmsKeyArn is required", export, export_arguments(SAMPLE, encryption="SSE_KMS"), {}),
            ("an encryption that a directory does not support", invalid, "NO_ENCRYPTION", export, export_arguments(SAMPLE, encryption="SSE_S3"), {}),
            ("an ARN that is not a role's", invalid, "RoleArn", export, export_arguments(SAMPLE, role=f"arn:aws:iam::{ACCOUNT}:user/x"), {}),
            ("an unknown format", invalid, "OutputFormat", export, export_arguments(SAMPLE, format="XML"), {}),
            ("an unknown export", missing, UNKNOWN_EXPORT, "describe-journal-s3-export", [*describe, UNKNOWN_EXPORT], {}),
            ("an invalid id", invalid, "ExportId", "describe-journal-s3-export", [*describe, "/" * 22], {}),
            ("a page of 101", invalid, "MaxResults", "list-journal-s3-exports", ["--max-results", "101"], {}),
            ("a foreign token", invalid, "NextToken", "list-ledgers", ["--next-token", "AAAA"], {}),
            ("a ledger's name with a slash", invalid, "Name", "describe-ledger", ["--name", "../x"], {}),
            ("an unknown permissions mode", invalid, "PermissionsMode", "create-ledger", ["--name", "L3", "--permissions-mode", "SOME"], {}),
            ("a digest of an unknown ledger", missing, "nobody", "get-digest", ["--name", "nobody"], {}),
            ("an invalid address", invalid, "BlockAddress", "get-block", address, {}),
            ("a block of another strand", invalid, "is not the ledger's strand", "get-block", foreign, {}),
            ("a revision without an address", invalid, "BlockAddress", "get-revision", [*address, "--document-id", UNKNOWN_EXPORT], {}),
            ("streams", undone, "Kinesis", "describe-journal-kinesis-stream", ["--ledger-name", SAMPLE, "--stream-id", UNKNOWN_EXPORT], {}),
            ("a wrong secret", "InvalidSignatureException", "does not match", "list-ledgers", [], wrong_key),
            ("an unknown access key", "UnrecognizedClientException", "invalid", "list-ledgers", [], {"AWS_ACCESS_KEY_ID": "SOMEBODYELSE"}),
            ("another region", "InvalidSignatureException", "region", "list-ledgers", ["--region", "eu-west-1"], {}),
        ]  # fmt: skip
        together = 4
        for start in range(0, len(cases), together):
            group = cases[start : start + together]
            waits = [self.stage.started_aws(case[3], *case[4], **case[5]) for case in group]
            for (name, error, text, *_), wait in zip(group, waits):
                answer = wait()
                self.check(f"refused: {name}", answer.error == error and text in answer.stderr, answer)

    # A large ledger: the limit, and a kill

    def make_big(self):
        self.check("serve exits with 0 on SIGTERM", self.stage.terminate() == 0, self.stage.log_tail())
        made = self.stage.run("ledger", "sample", BIG, "--transactions", BIG_TRANSACTIONS)
        self.check("ledger sample creates a large ledger", made.returncode == 0, made.stderr)
        self.score.attempt("serve starts again", self.stage.serve)

    def third_export(self):
        calls = [
            self.stage.started_aws("export-journal-to-s3", *export_arguments(BIG, prefix=f"limit-{number}/", format="JSON"))
            for number in range(4)
        ]
        answers = [call() for call in calls]
        accepted = [answer.json["ExportId"] for answer in answers if answer.status == 0]
        refused = [answer for answer in answers if answer.error == "LimitExceededException"]
        self.check("of four concurrent exports two run and two are refused", (len(accepted), len(refused)) == (2, 2), answers)
        text = "Exceeded the limit of 2 concurrently running Journal export jobs"
        self.check("the refusal has the service's message", all(text in answer.stderr for answer in refused), answers)
        for export_id in accepted:
            self.finished(BIG, export_id, "an export at the limit")

    def killed(self):
        """A server that is killed during an export and started again writes the same objects."""
        end = at()
        started = self.aws("export-journal-to-s3", *self.big_arguments("undisturbed/", end))
        undisturbed = started.json.get("ExportId", UNKNOWN_EXPORT)
        self.finished(BIG, undisturbed, "the undisturbed export")
        disturbed = self.kill_during("disturbed/", end)
        self.score.attempt("serve starts after the kill", self.stage.serve)
        self.finished(BIG, disturbed, "the interrupted export")
        same = self.digests("undisturbed/", undisturbed), self.digests("disturbed/", disturbed)
        self.check(f"both exports have the same {len(same[0])} objects", same[0] and same[0] == same[1], same)
        strays = self.strays("disturbed/", disturbed)
        self.check("the interrupted export leaves nothing else behind", strays == [], strays)

    def kill_during(self, prefix, end):
        """Starts an export, kills the server at its first data object, and returns the export's id."""
        home = self.bucket() / prefix
        call = self.stage.started_aws("export-journal-to-s3", *self.big_arguments(prefix, end))
        first = wait_until(lambda: list(home.rglob("*.json")), 60, pause=0.002)
        self.stage.kill()
        call()
        started = [path.name for path in home.glob("*.started.manifest")]
        ended = [path.name for path in home.glob("*.completed.manifest")]
        self.check("serve was killed in the middle of an export", first and started and not ended, [first, started, ended])
        return started[0].split(".")[0] if started else UNKNOWN_EXPORT

    def big_arguments(self, prefix, end):
        return export_arguments(BIG, prefix=prefix, end=end, start="2000-01-01T00:00:00Z", format="JSON")

    def digests(self, prefix, export_id):
        """The names and SHA-256 of an export's data objects, in order. The folder of the hour may differ."""
        objects = oracle.objects_of(self.bucket(), self.manifest(prefix, export_id))
        return [(path.name, base64.b64encode(hashlib.sha256(path.read_bytes()).digest())) for _, path in objects]


def run(score):
    binary, aws = sys.argv[1:3]
    with ProcessPoolExecutor(2) as pool, Stage(binary, aws) as stage:
        lines = score.attempt("serve starts and prints commands for a shell", stage.serve)
        if lines is None:
            return
        score.check("the commands set what an SDK needs", all(stage.environment.get(name) for name in VARIABLES), lines)
        interop = Interop(score, stage, pool)
        parts = ("ledgers", "exports", "proofs", "refusals", "make_big", "third_export", "killed", "contents")
        for part in parts:
            begun = time.monotonic()
            getattr(interop, part)()
            print(f"       {part}: {time.monotonic() - begun:.1f} s")
        score.check("serve exits with 0 at the end", stage.terminate() == 0, stage.log_tail())


if __name__ == "__main__":
    main_guard(run)
