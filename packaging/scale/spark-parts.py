"""Reads an archive in parts, each in a task of Spark, and joins them: the exit code is that of `verify`.

    spark-submit spark-parts.py s3://exports/ /shared/parts 64

The program, the archive and the folder must be there under the same names on every machine. A part ends with 0 even where
something is wrong with it, so that a task which fails is one that may be run again: only what could not be reached (9)
fails it. Everything else that keeps a part from being read ends the job, and is not tried again.
"""

import os
import shlex
import subprocess
import sys

from pyspark.sql import SparkSession

EACH = """while read -r part; do
  qldb-export verify "$1" --part "$part/$3" --resume "$2" --no-progress >&2
  code=$?
  [ "$code" -ne 9 ] || exit 9
  echo "$part $code"
done"""


def main():
    archive, folder, parts = sys.argv[1], sys.argv[2], int(sys.argv[3])
    context = SparkSession.builder.appName("qldb-export").getOrCreate().sparkContext
    command = shlex.join(["sh", "-c", EACH, "part", archive, folder, str(parts)])
    # `pipe` leaves a process nothing of the environment. On a cluster, roles give credentials, not variables.
    names = [name for name in os.environ if name in ("PATH", "HOME") or name.startswith(("AWS_", "QLDB_EXPORT_"))]
    environment = {name: os.environ[name] for name in names}
    ended = context.parallelize(range(1, parts + 1), parts).pipe(command, environment, checkCode=True).collect()
    wrong = [f"part {line.split()[0]} ended with {line.split()[1]}" for line in ended if line.split()[1] != "0"]
    if wrong:
        sys.exit("\n".join(wrong))
    sys.exit(subprocess.run(["qldb-export", "verify", archive, "--resume", folder]).returncode)


main()
