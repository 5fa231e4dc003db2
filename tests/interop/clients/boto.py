"""Takes the steps of clients.py with boto3. Needs boto3 and botocore with QLDB, 1.40.60 or older.

    boto.py PLAN

Prints the result of each step, as JSON.
"""

import base64
import datetime
import json
import re
import sys
import time

import boto3
from botocore.exceptions import ClientError

QUICK = 0.05


def plain(value):
    """Converts a value that JSON does not have."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    raise TypeError(type(value))


class Steps:
    def __init__(self, client):
        self.client, self.found = client, {}

    def take(self, name, operation, **parameters):
        """Calls an operation, and keeps the response, or the error with the name of its type."""
        try:
            answer = getattr(self.client, operation)(**parameters)
            answer.pop("ResponseMetadata")
            self.found[name] = {"answer": answer}
            return answer
        except ClientError as error:
            named = error.response["Error"]
            self.found[name] = {"error": named["Code"], "type": type(error).__name__, "message": named["Message"]}
            return {}

    def pages(self, name, operation, member, **parameters):
        items, token = [], {}
        while True:
            page = self.take(name, operation, **parameters, **token)
            items += page.get(member, [])
            if not page.get("NextToken"):
                break
            token = {"NextToken": page["NextToken"]}
        if "answer" in self.found[name]:
            self.found[name] = {"answer": {member: items}}


def main(plan):
    steps = Steps(boto3.client("qldb"))
    take, pages = steps.take, steps.pages
    name, sample = plan["name"], plan["sample"]
    arn = take("create", "create_ledger", Name=name, PermissionsMode="STANDARD", Tags={"made": "by a client"})["Arn"]
    take("create again", "create_ledger", Name=name, PermissionsMode="STANDARD")
    take("describe", "describe_ledger", Name=name)
    take("describe nobody", "describe_ledger", Name="nobody")
    take("delete protected", "delete_ledger", Name=name)
    take("update", "update_ledger", Name=name, DeletionProtection=False, KmsKey=plan["key"])
    take("update mode", "update_ledger_permissions_mode", Name=name, PermissionsMode="ALLOW_ALL")
    take("tag", "tag_resource", ResourceArn=arn, Tags=plan["tags"])
    take("untag", "untag_resource", ResourceArn=arn, TagKeys=["made"])
    take("tags", "list_tags_for_resource", ResourceArn=arn)
    pages("ledgers", "list_ledgers", "Ledgers", MaxResults=1)

    def export(step, ledger, prefix, format_name, start, end):
        configuration = {
            "Bucket": "exports",
            "Prefix": prefix,
            "EncryptionConfiguration": {"ObjectEncryptionType": "NO_ENCRYPTION"},
        }
        answer = take(
            step, "export_journal_to_s3", Name=ledger, InclusiveStartTime=start, ExclusiveEndTime=end,
            S3ExportConfiguration=configuration, RoleArn=plan["role"], OutputFormat=format_name,
        )  # fmt: skip
        return answer.get("ExportId")

    def followed(step, ledger, export_id):
        while True:
            export = take(step, "describe_journal_s3_export", Name=ledger, ExportId=export_id)
            if export.get("ExportDescription", {}).get("Status") != "IN_PROGRESS":
                return
            time.sleep(QUICK)

    def now():
        return datetime.datetime.now(datetime.timezone.utc)

    long_ago = now() - datetime.timedelta(days=90)
    exported = export("export", sample, f"{name}/", "ION_TEXT", long_ago, now())
    followed("description", sample, exported)
    take("describe no export", "describe_journal_s3_export", Name=sample, ExportId=plan["unknown export"])
    pages("exports", "list_journal_s3_exports", "JournalS3Exports", MaxResults=2)
    pages("exports of the ledger", "list_journal_s3_exports_for_ledger", "JournalS3Exports", Name=sample, MaxResults=1)
    export("export backwards", sample, f"{name}/", "ION_TEXT", now(), long_ago)
    running = [export(f"limit {n}", plan["big"], f"{name}-{n}/", "JSON", long_ago, now()) for n in range(4)]
    for export_id in filter(None, running):
        followed("description of the big ledger", plan["big"], export_id)

    digest = take("digest", "get_digest", Name=sample)
    tip = digest["DigestTipAddress"]["IonText"]
    address = {"IonText": re.sub(r"sequenceNo:\d+", f"sequenceNo:{plan['block']}", tip)}
    proving = {"Name": sample, "BlockAddress": address, "DigestTipAddress": {"IonText": tip}}
    block = take("block", "get_block", **proving)
    document = re.search(r'metadata:\{id:"(\w+)"', block["Block"]["IonText"]).group(1)
    take("revision", "get_revision", **proving, DocumentId=document)
    take("block of nobody", "get_block", Name=sample, BlockAddress={"IonText": "{}"})

    stream = {"LedgerName": sample, "StreamId": plan["unknown export"]}
    pages("streams", "list_journal_kinesis_streams_for_ledger", "Streams", LedgerName=sample)
    take("describe stream", "describe_journal_kinesis_stream", **stream)
    take("cancel stream", "cancel_journal_kinesis_stream", **stream)
    take(
        "stream", "stream_journal_to_kinesis", LedgerName=sample, RoleArn=plan["role"], StreamName="changes",
        InclusiveStartTime=long_ago, KinesisConfiguration={"StreamArn": plan["kinesis"]},
    )  # fmt: skip
    take("delete", "delete_ledger", Name=name)
    take("describe deleted", "describe_ledger", Name=name)
    print(json.dumps({"version": boto3.__version__, "steps": steps.found}, default=plain))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
