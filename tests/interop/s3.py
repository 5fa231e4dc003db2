"""Exports into moto (S3, KMS, STS, IAM) with the built binary, checked with boto3.

    s3.py BINARY

The test cases that every store must pass, an assumed role, a KMS key that HEAD
shows for every object, the other two encryptions, verification in place,
requests that are refused, and an archive that must be restored first.
"""

import base64
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

import boto3
import requests
from moto.core import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer
from moto.sts.models import sts_backends

from stage import main_guard

REGION = "us-east-1"
BUCKET = "exports"
SAMPLE = "vehicle-registration"
RUN_SECONDS = 120
# Cargo may have to build the tests first.
CASES_SECONDS = 1800
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
USAGE = 2
REFUSED = 4
INCOMPLETE = 11
NO_ROLE = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/unused"


def statement(actions, resource="*"):
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]}
    )


class Cloud:
    """moto with a bucket, a key, a role that may write, one that may not, and users."""

    def __init__(self):
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        self.url = "http://%s:%s" % self.server.get_host_and_port()
        self.root = {"AWS_ACCESS_KEY_ID": "root", "AWS_SECRET_ACCESS_KEY": "root"}
        self.s3 = self.client("s3")
        self.s3.create_bucket(Bucket=BUCKET)
        self.key = self.client("kms").create_key()["KeyMetadata"]["Arn"]
        self.iam = self.client("iam")
        # The documented permissions, and one that moto requires; S3 lets the initiator of an upload abort it.
        documented = ["s3:PutObject", "s3:PutObjectAcl", "kms:GenerateDataKey"]
        self.writer = self.role("writer", [*documented, "s3:AbortMultipartUpload"])
        self.idler = self.role("idler", ["sqs:SendMessage"])
        self.user = self.key_of_user("exporter", ["sts:AssumeRole"])
        self.stranger = self.key_of_user("stranger", ["sqs:SendMessage"])

    def client(self, service):
        return boto3.client(
            service, region_name=REGION, endpoint_url=self.url, aws_access_key_id="root", aws_secret_access_key="root"
        )

    def role(self, name, actions):
        trust = json.dumps(
            {"Version": "2012-10-17",
             "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
        )
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self.iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=statement(actions))
        return arn

    def key_of_user(self, name, actions):
        self.iam.create_user(UserName=name)
        self.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=statement(actions))
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def check_permissions(self, on):
        """Makes moto check permissions, or not."""
        requests.post(f"{self.url}/moto-api/reset-auth", data=b"0" if on else b"inf", timeout=10).raise_for_status()

    def objects(self, prefix):
        """The response to HEAD for every object under a prefix, by key."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        return {key: self.s3.head_object(Bucket=BUCKET, Key=key) for key in keys}

    def sessions(self):
        """The names of the sessions of assumed roles."""
        return [role.session_name for role in sts_backends[DEFAULT_ACCOUNT_ID]["aws"].assumed_roles]


class Ran:
    def __init__(self, process):
        self.status, self.stdout, self.stderr = process.returncode, process.stdout.strip(), process.stderr.strip()

    def __repr__(self):
        return f"exit {self.status}, {self.stdout} {self.stderr}"


class Binary:
    """The built binary with a data directory of its own."""

    def __init__(self, path, cloud):
        self.path, self.cloud = path, cloud
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="qldb-export-interop-s3-"))

    def run(self, *arguments, credentials=None):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "QLDB_EXPORT_"))}
        environment = kept | {
            "HOME": str(self.home), "AWS_ENDPOINT_URL": self.cloud.url, "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        } | (credentials or self.cloud.root)
        command = [self.path, *arguments, "--data-dir", str(self.home / "data")]
        return Ran(subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False
        ))

    def export(self, *arguments, role=NO_ROLE, bucket=BUCKET, **how):
        return self.run(
            "start", "--local", "--object-store", "s3", "--wait", "--ledger", SAMPLE, "--last", "365d",
            "--bucket", bucket, "--role-arn", role, *arguments, **how,
        )


def encryptions(score, cloud, binary):
    """HEAD shows the requested encryption for every object."""
    cases = [
        ("s3/", ["--encryption", "SSE_S3"], "AES256", None),
        ("default/", [], "AES256", None),
        ("none/", ["--encryption", "NO_ENCRYPTION"], None, None),
        ("kms/", ["--encryption", "SSE_KMS", "--kms-key-arn", cloud.key], "aws:kms", cloud.key),
    ]
    for prefix, arguments, method, key in cases:
        ran = binary.export("--prefix", prefix, *arguments)
        score.check(f"{prefix}: the export completes", ran.status == 0, ran)
        judge_objects(score, cloud, prefix, method, key)
        verified = binary.run("verify", f"s3://{BUCKET}/{prefix}")
        score.check(f"{prefix}: it is proved in place", verified.status == 0, verified)


def judge_objects(score, cloud, prefix, method, key):
    heads = cloud.objects(prefix)
    score.check(f"{prefix}: two manifests and data", len(heads) >= 3, list(heads))
    shown = {(head.get("ServerSideEncryption"), head.get("SSEKMSKeyId")) for head in heads.values()}
    # S3 encrypts objects without a header too, and so does moto.
    fits = shown == {(method, key)} or method is None and all(found[0] != "aws:kms" for found in shown)
    score.check(f"{prefix}: every object shows {method} and {key}", fits, shown)
    types = {head["ContentType"] for head in heads.values()}
    score.check(f"{prefix}: every object has its media type", types == {"text/x-amzn-ion"}, types)


def roles(score, cloud, binary):
    """A caller who may only assume the role exports with it; refusals quote S3 and STS."""
    arguments = ["--assume-role", "--prefix", "role/", "--encryption", "SSE_KMS", "--kms-key-arn", cloud.key]
    cloud.check_permissions(True)
    try:
        ran = binary.export(*arguments, role=cloud.writer, credentials=cloud.user)
        score.check("role: the export completes under the role", ran.status == 0, ran)
        own = binary.export("--prefix", "own/", credentials=cloud.user)
        denied(score, "the caller's own credentials are denied", own, "AccessDenied")
        idle = binary.export(*arguments, role=cloud.idler, credentials=cloud.user)
        denied(score, "a role that may not write is denied", idle, "AccessDenied")
        stranger = binary.export(*arguments, role=cloud.writer, credentials=cloud.stranger)
        denied(score, "a role that can't be assumed is denied", stranger, "AccessDenied")
        score.check("the refusal quotes STS", "sts:AssumeRole" in stranger.stderr, stranger)
    finally:
        cloud.check_permissions(False)
    judge_objects(score, cloud, "role/", "aws:kms", cloud.key)
    ids = [key.removeprefix("role/").split(".")[0] for key in cloud.objects("role/") if "started" in key]
    score.check("the session is named after the export", set(ids) <= set(cloud.sessions()), (ids, cloud.sessions()))
    score.check("nothing was written where access was denied", not cloud.objects("own/"))


def denied(score, name, ran, code):
    message = f"QLDB encountered an error validating S3 configuration: {code}"
    score.check(name, ran.status == REFUSED and message in ran.stderr, ran)


def refusals(score, cloud, binary):
    missing = binary.export("--prefix", "", bucket="no-such-bucket")
    denied(score, "a bucket that is not there", missing, "NoSuchBucket")
    listed = binary.run("list", "--local", "--object-store", "s3", "--output", "json")
    buckets = {export["S3ExportConfiguration"]["Bucket"] for export in json.loads(listed.stdout)["JournalS3Exports"]}
    score.check("a refused request makes no export", buckets == {BUCKET}, listed)
    uploads = cloud.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    score.check("no trial upload is left behind", not uploads, uploads)


def store_cases(score, cloud):
    """Runs the test cases of stores against moto; `cargo test` runs them on a directory and s3s. Each is one check."""
    environment = os.environ | cloud.root | {
        "QLDB_EXPORT_TEST_S3_ENDPOINT": cloud.url, "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true",
    }
    command = ["cargo", "test", "--quiet", "--test", "blackbox", "store_cases", "--", "--format=pretty"]
    ran = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=CASES_SECONDS, check=False
    )
    cases = re.findall(r"^test store_cases::(\w+) \.\.\. (\w+)$", ran.stdout, re.MULTILINE)
    for name, outcome in cases:
        score.check(f"moto: {name.replace('_', ' ')}", outcome == "ok", ran.stdout[-2000:])
    score.check(f"moto: all of the {len(cases)} cases ran", ran.returncode == 0 and cases, ran.stderr[-2000:])
    buckets = [bucket["Name"] for bucket in cloud.s3.list_buckets()["Buckets"]]
    score.check("moto: the cases leave nothing", buckets == [BUCKET], buckets)


def cold(score, cloud, binary):
    """Objects that must be restored, and a receipt that is compared with the report of a checksum job."""
    prefix = "cold/"
    place = f"s3://{BUCKET}/{prefix}"
    ran = binary.export("--prefix", prefix)
    score.check("cold: the export completes", ran.status == 0, ran)
    for key in cloud.objects(prefix):
        body = cloud.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        storage = "DEEP_ARCHIVE" if key.endswith(".manifest") else "GLACIER"
        cloud.s3.put_object(Bucket=BUCKET, Key=key, Body=body, StorageClass=storage)
    named = binary.run("verify", place, "--output", "json")
    archived = json.loads(named.stdout)["archived"]
    keys = {one["key"] for one in archived["objects"]}
    score.check("cold: all objects are named", named.status == REFUSED and keys == set(cloud.objects(prefix)), named)
    deep = binary.run("verify", place, "--restore", "1", "--tier", "Expedited")
    score.check("cold: an impossible request is refused", deep.status == USAGE, deep)
    receipt = str(binary.home / "receipt.json")
    command = documented("qldb-export verify s3://archive/exports/", {"s3://archive/exports/": place})
    restored = binary.run(*command, "--receipt", receipt)
    score.check("cold: verify restores it, waits and proves it", restored.status == 0, restored)
    states = {head.get("Restore", "") for head in cloud.objects(prefix).values()}
    score.check("cold: S3 has restored it", all('ongoing-request="false"' in state for state in states), states)
    again = binary.run("verify", place)
    score.check("cold: restored objects can be read", again.status == 0, again)
    checksums(score, cloud, binary, receipt)


def documented(begin, names):
    """The arguments of a command in docs/proof.md, with this test's names."""
    lines = (REPOSITORY / "docs" / "proof.md").read_text().splitlines()
    words = shlex.split(next(line for line in lines if line.startswith(begin)).split(" > ")[0])
    return [names.get(word, word) for word in words[1:]]


def checksums(score, cloud, binary, receipt):
    """A simulated checksum job; its report follows AWS's examples."""
    report = binary.home / "report.csv"
    names = {"receipt.json": receipt, "results/*.csv": str(report)}
    manifest = binary.run(*documented("qldb-export verify --print-batch-manifest", names))
    rows = []
    for line in manifest.stdout.splitlines():
        bucket, key = line.split(",")
        body = cloud.s3.get_object(Bucket=bucket, Key=urllib.parse.unquote(key))["Body"].read()
        digest = hashlib.sha256(body)
        said = json.dumps({
            "checksum_base64": base64.b64encode(digest.digest()).decode(), "etag": "e", "checksumAlgorithm": "SHA256",
            "checksumType": "FULL_OBJECT", "checksum_hex": digest.hexdigest().upper(),
        }).replace("=", "\\u003d").replace('"', '""')
        rows.append(f'{bucket},{key},,succeeded,200,,"{said}"\n')
    report.write_text("".join(rows))
    checking = documented("qldb-export verify --receipt-check receipt.json --checksums", names)
    held = binary.run(*checking)
    fits = held.status == 0 and "on S3's word" in held.stdout and "Verdict:" not in held.stdout
    score.check("checksums: the receipt agrees with S3's checksums", fits and len(rows) >= 3, held)
    report.write_text("".join(rows[1:]))
    less = binary.run(*checking)
    score.check("checksums: an object that the job left out is missing", less.status == INCOMPLETE, less)


def run(score):
    cloud = Cloud()
    binary = Binary(sys.argv[1], cloud)
    try:
        store_cases(score, cloud)
        encryptions(score, cloud, binary)
        roles(score, cloud, binary)
        refusals(score, cloud, binary)
        cold(score, cloud, binary)
    finally:
        cloud.server.stop()
        shutil.rmtree(binary.home, ignore_errors=True)


if __name__ == "__main__":
    main_guard(run)
