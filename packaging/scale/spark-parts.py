"""Reads an archive in parts, each in a task of Spark, and joins them. The exit code is the one of `verify`.

    spark-submit spark-parts.py s3://exports/ /shared/parts 64

The program, the archive and the folder must have the same paths on every machine. A part's exit code is 0 even if the
archive is damaged. Only an archive that can't be reached (9) fails its task, so that Spark retries it; any other error
ends the job without a retry.
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
    # `pipe` passes on no variables. On a cluster, credentials should come from roles instead.
    names = [name for name in os.environ if name in ("PATH", "HOME") or name.startswith(("AWS_", "QLDB_EXPORT_"))]
    environment = {name: os.environ[name] for name in names}
    ended = context.parallelize(range(1, parts + 1), parts).pipe(command, environment, checkCode=True).collect()
    wrong = [f"part {line.split()[0]} ended with {line.split()[1]}" for line in ended if line.split()[1] != "0"]
    if wrong:
        sys.exit("\n".join(wrong))
    sys.exit(subprocess.run(["qldb-export", "verify", archive, "--resume", folder]).returncode)


main()
