"""The GitHub action: runs the steps of action.yml in a runner's environment, with a release that is made from the built
binary and served on this machine.

    action.py BINARY
"""

import contextlib
import hashlib
import http.server
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import yaml

from stage import main_guard

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
TARGET = "x86_64-unknown-linux-musl"
REPOSITORY = "somebody/qldb-export"
ROLE = "arn:aws:iam::123456789012:role/export"
STEP_SECONDS = 300
# What a runner starts for `shell: bash`.
BASH = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"]
START = f"""
--local
--ledger vehicle-registration
--last=7d
--bucket exports
--prefix ci/
--role-arn {ROLE}

--format ION_TEXT
--wait
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(folder):
    """Serves a folder, and yields the server's address."""

    def handler(*arguments):
        return Quiet(*arguments, directory=folder)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Job:
    """A job on a runner: runs steps, with the environment and the output files that a runner gives them."""

    def __init__(self, home, github):
        self.home, self.github = home, github
        self.temp, self.workspace = home / "temp", home / "workspace"
        for folder in (self.temp, self.workspace):
            folder.mkdir(parents=True, exist_ok=True)
        self.path, self.summary, self.log = [], "", ""

    def use(self, **inputs):
        """Runs the action's steps until one fails. Returns whether all succeeded, and the action's outputs."""
        given = {name: str(inputs.pop(name.replace("-", "_"), of.get("default", ""))) for name, of in ACTION["inputs"].items()}
        assert not inputs, inputs
        steps, succeeded = {}, True
        for step in ACTION["runs"]["steps"]:
            code, outputs = self.take(step, {"inputs": given, "github": self.github, "steps": steps})
            steps[step["id"]] = {"outputs": outputs}
            if code:
                succeeded = False
                break
        context = {"steps": steps}
        return succeeded, {name: self.evaluated(of["value"], context) for name, of in ACTION["outputs"].items()}

    def take(self, step, context):
        files = {name: self.home / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
        for file in files.values():
            file.write_text("")
        script = self.home / "script.sh"
        # A runner would replace expressions in the script; there must be none.
        script.write_text(step["run"])
        environment = {
            "PATH": os.pathsep.join([*reversed(self.path), os.environ["PATH"]]),
            "HOME": str(self.home),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "AWS_EC2_METADATA_DISABLED": "true",
            **{name: str(file) for name, file in files.items()},
            **{name: self.evaluated(value, context) for name, value in step.get("env", {}).items()},
        }
        folder = self.workspace / self.evaluated(step.get("working-directory", "."), context)
        ran = subprocess.run(
            [*BASH, str(script)], env=environment, cwd=folder, capture_output=True, text=True, timeout=STEP_SECONDS, check=False
        )
        self.log += ran.stdout + ran.stderr
        self.path += files["GITHUB_PATH"].read_text().splitlines()
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        return ran.returncode, outputs_of(files["GITHUB_OUTPUT"].read_text())

    @staticmethod
    def evaluated(text, context):
        """A text with its expressions replaced by the properties that they name, or nothing if there is none."""

        def value(match):
            found = context
            for name in match[1].split("."):
                found = found.get(name, {})
            return "" if found == {} else str(found)

        return re.sub(r"\$\{\{ ([a-z0-9._-]+) \}\}", value, str(text))


def outputs_of(text):
    """The outputs in a file: one line each, or several lines between delimiters."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        several = re.fullmatch(r"([\w-]+)<<(.+)", line)
        if several:
            value = []
            for inner in lines:
                if inner == several[2]:
                    break
                value.append(inner)
            found[several[1]] = "\n".join(value)
        else:
            name, value = line.split("=", 1)
            found[name] = value
    return found


class Tests:
    def __init__(self, score, home, binary):
        self.check, self.home, self.binary = score.check, home, binary
        self.releases = home / "releases"
        self.jobs = 0

    def release(self, tag):
        """Makes a release of the built binary as the workflow does, but without debug information, which is most of it."""
        binary = self.home / "qldb-export"
        subprocess.run(["strip", "-o", binary, self.binary], check=True)
        folder = self.releases / REPOSITORY / "releases" / "download" / tag
        made = subprocess.run(
            [sys.executable, ROOT / "packaging" / "archive.py", binary, TARGET, folder], capture_output=True, text=True, check=True
        )
        archive = pathlib.Path(made.stdout.strip())
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        (folder / "SHA256SUMS").write_text(f"{'0' * 64}  another-file\n{digest}  {archive.name}\n")
        return archive, digest

    def job(self, url, ref="v0.1.0", repository=REPOSITORY):
        self.jobs += 1
        github = {"action_ref": ref, "action_repository": repository, "server_url": url}
        return Job(self.home / f"job-{self.jobs}", github)

    def definition(self):
        """Checks what a reviewer looks for in an action."""
        steps = ACTION["runs"]["steps"]
        self.check("no script contains an expression", all("${{" not in step["run"] for step in steps))
        self.check("it contains no invented address", "http" not in (ROOT / "action.yml").read_text())
        used = {name for step in steps for name in re.findall(r"inputs\.([\w-]+)", str(step))}
        self.check("every input is used", used == set(ACTION["inputs"]), used)

    def main_job(self, url):
        job = self.job(url)
        done, outputs = job.use(command="start", arguments=START)
        self.check("start: it is installed and run", done, job.log)
        self.check("start: the id", len(outputs["export-id"]) == 22, outputs)
        self.check("start: status and destination", (outputs["status"], outputs["destination"]) == ("COMPLETED", "s3://exports/ci/"), outputs)
        self.check("start: the span", re.fullmatch(r"\S+Z/\S+Z", outputs["span"]), outputs)
        self.check("start: the summary", "### Export\n" in job.summary and outputs["export-id"] in job.summary, job.summary)
        sync = f"--local\n--ledger vehicle-registration\n--bucket exports\n--prefix daily/\n--role-arn {ROLE}\n--from -3d\n--verify"
        done, outputs = job.use(command="sync", arguments=sync)
        self.check("sync: completed and proved", done and (outputs["status"], outputs["verdict"]) == ("COMPLETED", "proved"), job.log)
        self.check("sync: three ids", len(outputs["export-ids"].split()) == 3, outputs)
        bucket = next((job.home / ".local").rglob("buckets")) / "exports"
        shutil.copytree(bucket, job.workspace / "my archive")
        done, outputs = job.use(command="verify", arguments="my archive/daily\n", working_directory=".")
        self.check("verify: proved, in a folder with a space in its name", done and outputs["verdict"] == "proved", job.log)
        next((job.workspace / "my archive" / "daily").rglob("*.ion")).unlink()
        done, outputs = job.use(command="verify", arguments="daily", working_directory="my archive")
        self.check("verify: a missing object fails the step, and the verdict is an output", not done and outputs["verdict"] == "incomplete", outputs)
        self.check("and an annotation", "::error title=qldb-export::not proved: incomplete" in job.log, job.log[-2000:])

    def documented(self, url):
        """Runs the step in docs/exporting.md as a dry run."""
        page = (ROOT / "docs" / "exporting.md").read_text()
        (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
        use, then = yaml.safe_load(block)
        self.check("documented: it contains no invented address", use["uses"].startswith("OWNER/REPOSITORY@v"), use)
        named = {output for text in then["env"].values() for output in re.findall(r"steps\.export\.outputs\.([\w-]+)", text)}
        self.check("documented: the outputs exist", named and named <= set(ACTION["outputs"]), named)
        job = self.job(url, ref=use["uses"].split("@")[1])
        done, _ = job.use(**use["with"] | {"arguments": use["with"]["arguments"] + "--dry-run\n--local\n"})
        self.check("documented: the request is valid", done and "/journal-s3-exports" in job.log, job.log)

    def refused(self, name, job, text, **inputs):
        """Checks a use that must fail before the release's binary runs."""
        before = sorted(path.name for path in job.workspace.iterdir())
        done, outputs = job.use(**{"command": "start", "arguments": START} | inputs)
        said = not done and text in job.log and not any(outputs.values())
        self.check(f"refused: {name}", said and not job.path and "::error " in job.log, job.log)
        self.check(f"refused: {name}: nothing is left", before == sorted(path.name for path in job.workspace.iterdir()))

    def refusals(self, url):
        self.refused("a branch instead of a tag", self.job(url, ref="main"), "version is required")
        self.refused("an invalid version", self.job(url), "is not a version", version='0.1.0"; touch made; "')
        self.refused("a release that doesn't exist", self.job(url), "can't be downloaded", version="0.9.9")
        self.refused("an action from a folder, without an address", self.job(url, repository=""), "releases is required")
        self.refused("an address without TLS", self.job(url), "is not an https:// address", releases="http://192.0.2.1/x")
        self.refused("a SHA-256 other than the given one", self.job(url), "was expected", sha256="0" * 64)

    def installs(self, url, digest):
        job = self.job("http://unused.invalid", ref="main", repository="")
        given = {"version": "v0.1.0", "releases": f"{url}/{REPOSITORY}/releases/download/", "sha256": digest}
        done, _ = job.use(command="start", arguments=START, **given)
        self.check("the given version, address and SHA-256 are used", done, job.log)

    def arguments(self, url):
        for text, message in (
            ("--ledger $(touch made)", "$(touch made)"),
            ("--ledger a;touch made", "a;touch made"),
            ("--ledger `touch made`", "`touch made`"),
            ('--ledger "vehicle-registration"', "quotes would become part of the value"),
            ("--unknown", "unexpected argument"),
        ):
            job = self.job(url)
            done, _ = job.use(command="start", arguments=text)
            self.check(f"passed on unchanged: {text}", not done and message in job.log, job.log)
            self.check("and not run", not list(job.workspace.iterdir()))
        job = self.job(url)
        done, _ = job.use(command="serve")
        self.check("no other command is run", not done and 'command "serve" is not start, sync or verify' in job.log, job.log)

    def tampered(self, url, archive):
        with archive.open("ab") as file:
            file.write(b"\0")
        self.refused("a changed archive", self.job(url), "it is not installed")
        sums = archive.parent / "SHA256SUMS"
        sums.write_text(sums.read_text().splitlines()[0] + "\n")
        self.refused("an archive that SHA256SUMS doesn't name", self.job(url), "there is no SHA-256 for")


def run(score):
    with tempfile.TemporaryDirectory(prefix="qldb-export-action-") as home:
        tests = Tests(score, pathlib.Path(home), sys.argv[1])
        archive, digest = tests.release("v0.1.0")
        again, same = tests.release("v0.1.0")
        score.check("the archive has the same bytes when it is made again", (archive, digest) == (again, same))
        with served(tests.releases) as url:
            tests.definition()
            tests.main_job(url)
            tests.installs(url, digest)
            tests.documented(url)
            tests.refusals(url)
            tests.arguments(url)
            tests.tampered(url, archive)


if __name__ == "__main__":
    main_guard(run)
