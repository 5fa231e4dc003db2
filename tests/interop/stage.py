"""The stage for interop.py: the served binary, the AWS CLI, and the count of what passed."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

START_SECONDS = 60
CALL_SECONDS = 60
# What serve sets, so that an SDK in the same shell finds it.
VARIABLES = ("AWS_ENDPOINT_URL_QLDB", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


class Score:
    """Counts checks, and says at once which one failed."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, name, condition, detail=""):
        if condition:
            self.passed += 1
        else:
            self.failed += 1
        print(f"{'ok    ' if condition else 'FAILED'} {name}" + ("" if condition else f": {detail}"), flush=True)
        return bool(condition)

    def attempt(self, name, action):
        """A check that passes if the action does not raise; gives its result, or None."""
        try:
            result = action()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is one failed check
            self.check(name, False, f"{type(error).__name__}: {error}")
            return None
        self.check(name, True)
        return result


class Answer:
    """What one call of the AWS CLI gave."""

    def __init__(self, status, stdout, stderr):
        self.status = status
        self.json = json.loads(stdout) if status == 0 and stdout.strip() else {}
        self.stderr = stderr.strip()
        named = re.search(r"An error occurred \((\w+)\)", self.stderr)
        self.error = named.group(1) if named else None

    def __repr__(self):
        return f"exit {self.status}, {self.stderr or self.json}"


class Stage:
    """A directory of its own, at most one served binary, and everything gone at the end."""

    def __init__(self, binary, aws):
        self.binary, self.aws_program = binary, aws
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="qldb-export-interop-"))
        self.data = self.home / "data"
        self.process, self.environment = None, self.clean_environment()
        self.log = (self.home / "serve.log").open("ab")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def clean_environment(self):
        """The caller's environment without anything that AWS tools read."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "QLDB_EXPORT_"))}
        config = str(self.home / "no-such-file")
        return kept | {
            "HOME": str(self.home),
            "AWS_CONFIG_FILE": config,
            "AWS_SHARED_CREDENTIALS_FILE": config,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "AWS_MAX_ATTEMPTS": "1",
            "NO_COLOR": "1",
        }

    def serve(self):
        """Starts the binary, and takes its first lines as a shell would take them."""
        command = [self.binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", str(self.data)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.log, env=self.clean_environment()
        )
        lines = self.first_lines()
        evaluated = subprocess.run(
            ["sh", "-c", "eval \"$1\" && env -0", "sh", lines],
            env=self.clean_environment(), capture_output=True, text=True, check=True,
        )
        self.environment = dict(pair.split("=", 1) for pair in evaluated.stdout.split("\0") if pair)
        return lines

    def first_lines(self):
        """What the binary prints before it serves: all that is there once every variable is named."""
        watchdog = threading.Timer(START_SECONDS, self.process.kill)
        watchdog.start()
        printed = b""
        try:
            while not (printed.endswith(b"\n") and all(name.encode() + b"=" in printed for name in VARIABLES)):
                part = os.read(self.process.stdout.fileno(), 65536)
                if not part:
                    raise RuntimeError(f"serve did not start: {self.log_tail()}")
                printed += part
        finally:
            watchdog.cancel()
        return printed.decode()

    def log_tail(self):
        return (self.home / "serve.log").read_text(errors="replace")[-2000:]

    def kill(self):
        """Ends the served binary without warning."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def terminate(self):
        """Asks the served binary to end; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            status = None
        self.kill()
        return status

    def run(self, *arguments):
        """The binary as a command beside the server."""
        command = [self.binary, *arguments, "--data-dir", str(self.data)]
        return subprocess.run(
            command, env=self.clean_environment(), capture_output=True, text=True, timeout=600, check=False
        )

    def aws(self, operation, *arguments, **environment):
        return self.started_aws(operation, *arguments, **environment)()

    def started_aws(self, operation, *arguments, **environment):
        """Starts a call; what is returned waits for its answer."""
        command = [self.aws_program, "qldb", operation, "--output", "json", *arguments]
        process = subprocess.Popen(
            command, env=self.environment | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

        def wait():
            try:
                stdout, stderr = process.communicate(timeout=CALL_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                stdout, stderr = process.communicate()
            return Answer(process.returncode, stdout, stderr)

        return wait


def wait_until(condition, seconds, pause=0.05):
    """What the condition gives as soon as it holds; None if it never does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(pause)
    return None


def main_guard(run):
    """Runs the script; a signal ends it as an exception does, so that everything is cleaned up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    score = Score()
    try:
        run(score)
    finally:
        print(f"{score.passed} passed, {score.failed} failed", flush=True)
    sys.exit(1 if score.failed or not score.passed else 0)
