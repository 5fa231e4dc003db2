"""Runs the docs' table for AWS CLI users: each command with the real AWS CLI and, with `qldb-export` instead of `aws qldb`,
with the built binary, at the same endpoint. Their output must be equal, byte for byte. The documented commands that start
an endpoint are run too, in a shell with both programs.

    migration.py BINARY AWS
"""

import pathlib
import shlex
import subprocess
import sys

from stage import CALL_SECONDS, Stage, main_guard, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "exporting.md"
# The pages with commands that start an endpoint.
SERVING = (ROOT / "README.md", ROOT / "docs" / "endpoint.md")
OLD = "aws qldb "
# Other forms that scripts use.
MORE = (
    'aws qldb describe-journal-s3-export --name vehicle-registration --export-id "$ID" --output text',
    "aws qldb list-journal-s3-exports --output text",
    "aws qldb list-journal-s3-exports --query 'JournalS3Exports[].S3ExportConfiguration' --output text",
    "aws qldb list-journal-s3-exports --query 'JournalS3Exports[?LedgerName==`vehicle-registration`].[ExportId,OutputFormat]' --output text",
    "aws qldb list-journal-s3-exports --query 'JournalS3Exports[0].{Id:ExportId,Missing:Nothing}' --output text",
    "aws qldb list-journal-s3-exports --query 'JournalS3Exports[].ExportId' --output text",
    "aws qldb list-journal-s3-exports --query 'length(JournalS3Exports)'",
    "aws qldb list-journal-s3-exports --query 'JournalS3Exports[?Status==`CANCELLED`]' --output text",
    "aws qldb list-journal-s3-exports --query NextToken",
    "aws qldb list-journal-s3-exports --query NextToken --output text",
    "aws qldb list-journal-s3-exports-for-ledger --name vehicle-registration --max-results 1 --query NextToken --output text",
)


def lines():
    """The commands in the left column of the table."""
    rows = [row for row in TABLE.read_text().splitlines() if row.startswith(f"| `{OLD}")]
    return [row.split("` | `")[0].removeprefix("| `") for row in rows]


class Shell:
    def __init__(self, stage, binary, aws):
        self.stage = stage
        config = stage.home / "config"
        # The AWS CLI 2 prints times like this by default.
        config.write_text("[default]\ncli_timestamp_format = iso8601\n")
        self.environment = stage.environment | {"AWS_CONFIG_FILE": str(config)}
        self.programs = {"old": f"{shlex.quote(aws)} qldb ", "new": f"{shlex.quote(binary)} "}

    def run(self, which, line, export_id=""):
        line = line.replace(OLD, self.programs[which], 1)
        environment = self.environment | {"ID": export_id}
        return subprocess.run(
            ["sh", "-c", line], env=environment, capture_output=True, text=True, timeout=CALL_SECONDS, check=False
        )


def serves(score, binary, aws, page):
    """Runs the commands of a page that start an endpoint and call it, and stops the endpoint."""
    block = next(block for block in page.read_text().split("```sh\n") if block.startswith("qldb-export serve")).split("```")[0]
    with Stage(binary, aws) as stage:
        programs = stage.home / "bin"
        programs.mkdir()
        for name, program in (("qldb-export", binary), ("aws", aws)):
            (programs / name).symlink_to(pathlib.Path(program).resolve())
        environment = stage.clean_environment()
        environment["PATH"] = f"{programs}:{environment['PATH']}"
        ran = subprocess.run(
            ["sh", "-e", "-c", f"trap 'kill $!' EXIT\n{block}"], cwd=stage.home, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=CALL_SECONDS, check=False,
        )  # fmt: skip
        score.check(f"{page.name}: the commands that serve", ran.returncode == 0 and '"Ledgers"' in ran.stdout, ran)


def run(score):
    binary, aws = sys.argv[1:3]
    for page in SERVING:
        serves(score, binary, aws, page)
    with Stage(binary, aws) as stage:
        if score.attempt("serve starts", stage.serve) is None:
            return
        shell = Shell(stage, binary, aws)
        start, *rest = lines()
        score.check("there is a table of AWS CLI commands", len(rest) >= 5, rest)
        started = [shell.run(which, start) for which in ("old", "new")]
        ids = [ran.stdout.strip() for ran in started]
        score.check("both start an export and print its id", all(len(one) == 22 for one in ids), started)
        for one in ids:
            wait_until(lambda: stage.aws("describe-journal-s3-export", "--name", "vehicle-registration", "--export-id", one)
                       .json["ExportDescription"]["Status"] != "IN_PROGRESS", CALL_SECONDS)
        for line in (*rest, *MORE):
            old, new = (shell.run(which, line, ids[0]) for which in ("old", "new"))
            same = (old.returncode, old.stdout) == (new.returncode, new.stdout)
            score.check(line, same and old.returncode == 0, f"\n--- aws\n{old}\n--- qldb-export\n{new}")


if __name__ == "__main__":
    main_guard(run)
