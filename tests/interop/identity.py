"""Compares the identity that the AWS CLI 1.42.60 and the built binary use: the key, the region, and when there is none.

    identity.py BINARY AWS

Both run every case against a service and an STS in this script. The key and the region of the requests must agree, or
neither may send one. Exit codes may differ.
"""

import http.server
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

BINARY, AWS = sys.argv[1:3]

CONFIG = """
[default]
region = us-east-2
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key = secret
[profile audit]
region = eu-west-1
aws_access_key_id = AKIDAUDIT
aws_secret_access_key = secret
[profile empty]
region = eu-west-3
[profile half]
region = eu-west-3
aws_access_key_id = AKIDHALF
[profile lost]
region = eu-west-3
role_arn = arn:aws:iam::123456789012:role/lost
source_profile = nobody
[profile role]
region = eu-west-3
role_arn = arn:aws:iam::123456789012:role/audit
source_profile = audit
[profile refused]
region = eu-west-3
role_arn = arn:aws:iam::123456789012:role/refused
source_profile = audit
[profile portal]
region = eu-west-3
sso_start_url = https://corp.awsapps.invalid/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = Auditor
"""

KEY = {"AWS_ACCESS_KEY_ID": "AKIDENVIRONMENT", "AWS_SECRET_ACCESS_KEY": "secret"}
ID = {"AWS_ACCESS_KEY_ID": "AKIDENVIRONMENT"}
SECRET = {"AWS_SECRET_ACCESS_KEY": "secret"}

# The variables, the arguments, and the expected key and region; None if no request may be sent.
CASES = [
    (KEY, ["--profile", "audit"], ("AKIDAUDIT", "eu-west-1")),
    (KEY | {"AWS_DEFAULT_REGION": "ap-south-1"}, ["--profile", "audit"], ("AKIDAUDIT", "ap-south-1")),
    (KEY, ["--profile", "audit", "--region", "sa-east-1"], ("AKIDAUDIT", "sa-east-1")),
    (KEY | {"AWS_PROFILE": "audit"}, [], ("AKIDENVIRONMENT", "eu-west-1")),
    ({"AWS_PROFILE": "audit"}, [], ("AKIDAUDIT", "eu-west-1")),
    ({}, [], ("AKIDDEFAULT", "us-east-2")),
    (SECRET, [], ("AKIDDEFAULT", "us-east-2")),
    (ID, ["--profile", "audit"], ("AKIDAUDIT", "eu-west-1")),
    (KEY, ["--profile", "role"], ("AKIDROLE", "eu-west-3")),
    (KEY | {"AWS_PROFILE": "adit"}, ["--profile", "audit"], ("AKIDAUDIT", "eu-west-1")),
    (KEY, ["--profile", "adit"], None),
    (KEY | {"AWS_PROFILE": "adit"}, [], None),
    (ID, [], None),
    (KEY, ["--profile", "empty"], None),
    (KEY, ["--profile", "half"], None),
    (KEY, ["--profile", "lost"], None),
    (KEY, ["--profile", "refused"], None),
    (KEY, ["--profile", "portal"], None),
    (KEY, ["--region", "us_east_1!"], None),
]

ASSUMED = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser>
<AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/audit/s</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""
REFUSED = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>"""

signers = []


class Service(http.server.BaseHTTPRequestHandler):
    """Answers ListJournalS3Exports and AssumeRole."""

    def do_GET(self):
        key, _, region = re.search("Credential=([^,]*)", self.headers["Authorization"])[1].split("/")[:3]
        signers.append((key, region))
        self.answer(200, '{"JournalS3Exports":[]}')

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(403, REFUSED) if "refused" in body else self.answer(200, ASSUMED)

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def signer(command, variables, home, url):
    """The key and region of a command's request; None if there was none, and then the command must have failed."""
    signers.clear()
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true"}
    ran = subprocess.run(
        command + ["--endpoint-url", url],
        env=surroundings | {"AWS_ENDPOINT_URL_STS": url} | variables,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert bool(signers) == (ran.returncode == 0), (command, variables, ran)
    return signers[-1] if signers else None


with tempfile.TemporaryDirectory() as home, http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
    (pathlib.Path(home) / ".aws").mkdir()
    (pathlib.Path(home) / ".aws/config").write_text(CONFIG)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    for variables, typed, expected in CASES:
        theirs = signer([AWS, "qldb", "list-journal-s3-exports", *typed], variables, home, url)
        ours = signer([BINARY, "list-journal-s3-exports", *typed], variables, home, url)
        assert theirs == ours == expected, f"{variables} {typed}: the AWS CLI {theirs}, here {ours}, expected {expected}"
    server.shutdown()
print(f"identity: {len(CASES)} cases agree with the AWS CLI")
