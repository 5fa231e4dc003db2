"""Reads the parts of an archive in S3 with a real Slurm, and joins them.

    slurm.py BINARY

Needs Debian's slurmctld, slurmd, slurm-client and munge. Slurm runs one node on
127.0.0.1, with its own key, ports and folders; S3 is moto.
"""

import logging
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import boto3
from moto.server import ThreadedMotoServer

from stage import main_guard

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCALE = ROOT / "packaging/scale"
ARCHIVE = ROOT / "tests/archives/daily/ION_TEXT"
BUCKET = "exports"
PARTS = 8
START_SECONDS = 60
JOB_SECONDS = 120
DAMAGED, INCOMPLETE = 10, 11

CONFIGURATION = """
ClusterName=here
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
ReturnToService=2
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def free_ports():
    """The first of two consecutive ports that nobody listens on."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


class Slurm:
    """A context manager that runs one node."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}

    def __enter__(self):
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        port = free_ports()
        host = socket.gethostname().split(".")[0]
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        text = CONFIGURATION.format(
            host=host, port=port, node_port=port + 1, user=user, folder=self.folder, cpus=os.cpu_count()
        )
        (self.folder / "slurm.conf").write_text(text)
        self.run("mungekey", "-c", "-k", f"{self.folder}/munge.key")
        files = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munged.pid",
                 "log-file": "munged.log", "seed-file": "munged.seed"}
        self.run("munged", "--force", *(f"--{flag}={self.folder}/{name}" for flag, name in files.items()))
        self.run("slurmctld", "-f", f"{self.folder}/slurm.conf")
        self.run("slurmd", "-f", f"{self.folder}/slurm.conf")
        deadline = time.monotonic() + START_SECONDS
        while self.run("sinfo", "-h", "-o", "%T", check=False).stdout.strip() != "idle":
            if time.monotonic() > deadline:
                raise RuntimeError("Slurm did not start: " + (self.folder / "slurmctld.log").read_text())
            time.sleep(0.2)
        return self

    def __exit__(self, *_):
        for name in ("slurmctld", "slurmd", "munged"):
            pid = self.folder / f"{name}.pid"
            if pid.exists():
                subprocess.run(["kill", pid.read_text().strip()], check=False)

    def run(self, *command, check=True):
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=JOB_SECONDS)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def ended(self, *command):
        """Submits a script and waits for it. Returns the highest exit code of its tasks, and what they printed."""
        out = self.folder / "job.out"
        out.unlink(missing_ok=True)
        job = self.run("sbatch", "--parsable", "--open-mode=append", f"--output={out}", *command).stdout.strip()
        deadline = time.monotonic() + JOB_SECONDS
        while True:
            # `sbatch --wait` polls less and less often.
            shown = self.run("scontrol", "-o", "show", "job", job).stdout
            states = re.findall(r"JobState=(\w+)", shown)
            if not {"PENDING", "RUNNING", "COMPLETING", "CONFIGURING"} & set(states):
                return max(int(code) for code in re.findall(r" ExitCode=(\d+):", shown)), out.read_text()
            if time.monotonic() > deadline:
                raise RuntimeError(f"job {job} is still running: {shown}")
            time.sleep(0.1)

    def array(self, archive, parts):
        return self.ended(f"--array=1-{PARTS}", str(SCALE / "slurm.sbatch"), archive, str(parts))

    def join(self, archive, parts, *more):
        return self.ended(str(SCALE / "slurm-join.sbatch"), archive, str(parts), *more)


def upload(s3, folder, prefix):
    keys = []
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            key = prefix + file.relative_to(folder).as_posix()
            s3.put_object(Bucket=BUCKET, Key=key, Body=file.read_bytes())
            keys.append(key)
    return keys


def run(score):
    binary = sys.argv[1]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    url = "http://%s:%s" % server.get_host_and_port()
    surroundings = {"AWS_ENDPOINT_URL_S3": url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "root",
                    "AWS_SECRET_ACCESS_KEY": "root", "QLDB_EXPORT": str(pathlib.Path(binary).resolve())}
    os.environ.update(surroundings)
    s3 = boto3.client("s3", endpoint_url=url, region_name="us-east-1")
    s3.create_bucket(Bucket=BUCKET)
    keys = upload(s3, ARCHIVE, "")
    archive = f"s3://{BUCKET}/"
    work = pathlib.Path(tempfile.mkdtemp(prefix="slurm-"))
    (work / "slurm").mkdir()
    try:
        with Slurm(work / "slurm") as slurm:
            parts = work / "parts"
            code, printed = slurm.array(archive, parts)
            score.check("eight parts are read", code == 0 and len(list(parts.iterdir())) == PARTS, printed)
            score.check("no part says that anything is proved", "proved" not in printed, printed)
            code, printed = slurm.join(archive, parts)
            score.check("their join is proved", code == 0 and "proved" in printed, printed)
            # A task that was killed and is queued again.
            third = sorted(parts.iterdir())[2]
            third.write_bytes(third.read_bytes()[:-10])
            code, printed = slurm.join(archive, parts)
            score.check("a truncated part is named", code == INCOMPLETE and "part 3/8" in printed, printed)
            code, printed = slurm.array(archive, parts)
            score.check("queued again, it reads what is missing", code == 0, printed)
            score.check("and the join is the same", slurm.join(archive, parts)[0] == 0)
            third.unlink()
            code, printed = slurm.join(archive, parts)
            score.check("a missing part is named", code == INCOMPLETE and "part 3/8" in printed, printed)
            score.check("--complete reads it", slurm.join(archive, parts, "--complete")[0] == 0)
            # An object that is changed before its part is read.
            key = next(key for key in reversed(keys) if key.endswith(".ion"))
            body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            s3.put_object(Bucket=BUCKET, Key=key, Body=body.replace(b"INSERT", b"UPSERT", 1))
            broken = work / "broken"
            code, printed = slurm.array(archive, broken)
            score.check("parts of a damaged archive exit with 0", code == 0, printed)
            code, printed = slurm.join(archive, broken)
            score.check("their join is damaged and names the object", code == DAMAGED and key in printed, printed)
    finally:
        server.stop()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main_guard(run)
