"""Checks what monitors nightly runs: the metrics of `sync`, with Prometheus's own client and, if it is installed, promtool;
and the units, with systemd.

    nights.py BINARY
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from prometheus_client.parser import text_string_to_metric_families

from stage import main_guard

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNITS = ROOT / "packaging" / "systemd"
LEDGER = "vehicle-registration"
LABELS = {"ledger": LEDGER, "bucket": "exports", "prefix": 'a"b/'}


class Tests:
    def __init__(self, score, home, binary):
        self.check, self.home, self.binary = score.check, home, pathlib.Path(binary).resolve()
        self.file = home / "qldb.prom"

    def sync(self, *more):
        target = ["--bucket", LABELS["bucket"], "--prefix", LABELS["prefix"], "--role-arn", "arn:aws:iam::123456789012:role/export"]
        command = [self.binary, "sync", "--ledger", LEDGER, *target, "--quiet", "--metrics", self.file, *more]
        environment = os.environ | {"QLDB_EXPORT_DATA_DIR": str(self.home / "data"), "AWS_EC2_METADATA_DISABLED": "true"}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def metrics(self):
        for more, success in ((["--local", "--verify", "--from", "-2d"], 1), (["--from", "-2d", "--region", "none", "--endpoint-url", "http://127.0.0.1:1"], 0)):
            ended = self.sync(*more)
            self.check("the run ends as it should", (ended.returncode == 0) == bool(success), ended.stderr)
            text = self.file.read_text()
            families = {family.name: family for family in text_string_to_metric_families(text)}
            self.check("every metric has a help text and is a gauge", all(one.documentation and one.type == "gauge" for one in families.values()))
            samples = [sample for family in families.values() for sample in family.samples]
            self.check("the labels are the arguments", all(LABELS.items() <= sample.labels.items() for sample in samples), samples[:1])
            value = families["qldb_export_last_run_success"].samples[0].value
            self.check("success is reported", value == success, value)
            verdicts = {sample.labels["verdict"]: sample.value for sample in families["qldb_export_verdict"].samples}
            self.check("exactly one verdict is set", sum(verdicts.values()) == 1 and verdicts["proved"] == 1, verdicts)
            if shutil.which("promtool"):
                linted = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
                self.check("promtool finds nothing", (linted.returncode, linted.stderr) == (0, ""), linted.stderr)

    def units(self):
        """Checks the units with the binary's full path, because it isn't installed where systemd would find it."""
        folder = self.home / "units"
        folder.mkdir()
        names = sorted(path.name for path in UNITS.iterdir() if path.suffix in (".service", ".timer"))
        for name in names:
            text = (UNITS / name).read_text()
            (folder / name).write_text(text.replace("ExecStart=qldb-export ", f"ExecStart={self.binary} "))
        instances = [name.replace("@.", f"@{LEDGER}.") for name in names]
        environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{folder}:"}

        def found():
            command = ["systemd-analyze", "verify", "--man=no", *instances]
            ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            return ended.returncode, ended.stderr

        self.check("systemd finds nothing wrong with the units", found() == (0, ""), found())
        unit = folder / "qldb-export@.service"
        unit.write_text(unit.read_text() + "Unknown=yes\n")
        self.check("and would say so", "Unknown" in found()[1], found())


def run(score):
    with tempfile.TemporaryDirectory(prefix="qldb-export-nights-") as home:
        tests = Tests(score, pathlib.Path(home), sys.argv[1])
        tests.metrics()
        tests.units()


if __name__ == "__main__":
    main_guard(run)
