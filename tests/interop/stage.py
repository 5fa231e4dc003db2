"""For the other scripts: serves the binary, calls the AWS CLI, and counts the checks that passed."""

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
# The variables that serve sets for an SDK in the same shell.
VARIABLES = ("AWS_ENDPOINT_URL_QLDB", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


class Score:
    """Counts and prints checks."""

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
        """A check that passes if the action does not raise. Returns the action's result, or None."""
        try:
            result = action()
        except Exception as error:  # noqa: BLE001 - any exception is one failed check
            self.check(name, False, f"{type(error).__name__}: {error}")
            return None
        self.check(name, True)
        return result


class Answer:
    """The result of a call of the AWS CLI."""

    def __init__(self, status, stdout, stderr):
        self.status = status
        self.json = json.loads(stdout) if status == 0 and stdout.strip() else {}
        self.stderr = stderr.strip()
        named = re.search(r"An error occurred \((\w+)\)", self.stderr)
        self.error = named.group(1) if named else None

    def __repr__(self):
        return f"exit {self.status}, {self.stderr or self.json}"


class Stage:
    """A temporary directory and at most one served binary. Everything is removed at the end."""

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
        """Starts the binary, and evaluates its first lines in a shell."""
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
        """Reads what the binary prints until it has named every variable."""
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
        """Kills the served binary."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def terminate(self):
        """Asks the served binary to exit, and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            status = None
        self.kill()
        return status

    def run(self, *arguments):
        """Runs another command of the binary on the server's data directory."""
        command = [self.binary, *arguments, "--data-dir", str(self.data)]
        return subprocess.run(
            command, env=self.clean_environment(), capture_output=True, text=True, timeout=600, check=False
        )

    def aws(self, operation, *arguments, **environment):
        return self.started_aws(operation, *arguments, **environment)()

    def started_aws(self, operation, *arguments, **environment):
        """Starts a call, and returns a function that waits for its result."""
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
    """Waits for a condition and returns its value, or None if it never holds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(pause)
    return None


def main_guard(run):
    """Runs the script. A signal ends it with an exception, so that everything is cleaned up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    score = Score()
    try:
        run(score)
    finally:
        print(f"{score.passed} passed, {score.failed} failed", flush=True)
    sys.exit(1 if score.failed or not score.passed else 0)
