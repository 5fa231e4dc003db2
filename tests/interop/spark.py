"""Reads the tables of an archive, and a JSON export as QLDB wrote it, with Spark: with the statements that
`convert --print-ddl` prints, and with those in the docs. Needs a Java runtime.

    spark.py BINARY

Spark also runs the statements for Athena, because both use Hive's dialect for tables.
"""

import os
import pathlib
import sys
import tempfile

from pyspark.sql import SparkSession

from tables import ARCHIVES, BINARY, documented, expected, need, read, run, same, written_out


def session(home):
    """A session on one core that writes nothing to the current folder, with a Hive catalog in memory."""
    builder = SparkSession.builder.master("local[1]").appName("qldb-export")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.catalogImplementation": "hive",
        "spark.sql.warehouse.dir": str(home / "warehouse"),
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={home} -Duser.timezone=UTC",
        "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:catalog;create=true",
    }.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def rows_of(frame):
    return {(row.table_name, row.doc_id, row.version): read(row.data) for row in frame.collect()}


def statements(engine, place):
    return [text for text in run(BINARY, "convert", "--print-ddl", engine, "--to", place).split(";\n") if text.strip()]


def in_parquet(spark, home, archive, wanted):
    folder = home / "somebody's tables"
    run(BINARY, "convert", archive, "--as", "parquet", "--to", folder)
    written_out(folder)
    for engine, place, drop in (("spark", folder, "VIEW"), ("athena", f"file:{folder}", "TABLE")):
        for statement in statements(engine, place):
            spark.sql(statement)
        same(f"Spark, the statements for {engine}", rows_of(spark.table("revision")), wanted)
        kinds = dict(spark.table("revision").dtypes)
        assert (kinds["block_time"], kinds["version"], kinds["redacted"]) == ("timestamp", "bigint", "boolean"), kinds
        for table in ("transaction", "statement"):
            assert spark.table(table).filter("sequence_no >= 0").count() == spark.table(table).count() > 0, table
        for table in ("revision", "transaction", "statement"):
            spark.sql(f"DROP {drop} `{table}`")


def in_json(spark, home, archive, wanted):
    # Absolute paths, because Spark runs in another folder.
    (home / "keys").write_text(run(BINARY, "list", "--keys", archive))
    code = next(example for example in documented("python") if "spark.read" in example)
    names = {"spark": spark}
    before = os.getcwd()
    os.chdir(home)
    try:
        exec(code, names)
        same("Spark, a JSON export", rows_of(names["rows"]), wanted)
    finally:
        os.chdir(before)


def main():
    if not need("java", "Spark"):
        return
    archive = ARCHIVES / "small"
    wanted = expected(archive / "JSON")
    with tempfile.TemporaryDirectory() as home:
        home = pathlib.Path(home)
        spark = session(home)
        try:
            in_parquet(spark, home, archive / "ION_BINARY", wanted)
            in_json(spark, home, archive / "JSON", wanted)
        finally:
            spark.stop()


if __name__ == "__main__":
    main()
