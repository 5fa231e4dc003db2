"""Tables from an archive, read with Debian's sqlite3, DuckDB, pyarrow, PostgreSQL, pandas and jq.

    tables.py BINARY

The expected rows are from a JSON export of the same blocks, and from the archive's truth.json, which an independent
program wrote. If PostgreSQL is installed, a server is started in a temporary folder.
"""

import decimal
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import duckdb
import pandas
import pyarrow.parquet as parquet

BINARY = pathlib.Path(sys.argv[1]).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[2]
ARCHIVES = ROOT / "tests" / "archives"


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def need(program, what):
    """Whether a program is installed. If no test may be skipped, it must be."""
    if shutil.which(program):
        return True
    assert os.environ.get("QLDB_EXPORT_TEST_TOOLS") != "require", f"{program} is not installed"
    print(f"{what}: skipped, {program} is not installed")
    return False


def expected(archive):
    """The data by table, document and version, from the JSON export of the same blocks."""
    rows = {}
    for key in run(BINARY, "list", "--keys", archive).splitlines():
        for line in open(key, encoding="utf-8"):
            block = json.loads(line, parse_float=decimal.Decimal)
            documents = block.get("transactionInfo", {}).get("documents", {})
            for revision in block.get("revisions", []):
                if metadata := revision.get("metadata"):
                    table = documents.get(metadata["id"], {}).get("tableName")
                    rows[table, metadata["id"], metadata["version"]] = revision.get("data")
    return rows


def read(data):
    return None if data is None else json.loads(data, parse_float=decimal.Decimal)


def same(name, found, wanted):
    assert found == wanted, (name, [key for key in wanted if found.get(key, 0) != wanted[key]][:3], len(found), len(wanted))
    print(f"{name}: {len(found)} revisions agree")


def sqlite(home, archive, wanted, truth):
    run(BINARY, "convert", archive, "--to", home / "a.db")
    if not need("sqlite3", "SQLite"):
        return
    sql = "SELECT table_name, doc_id, version, data FROM revision"
    rows = json.loads(run("sqlite3", "-json", home / "a.db", sql))
    found = {(row["table_name"], row["doc_id"], row["version"]): read(row["data"]) for row in rows}
    same("sqlite3", found, wanted)
    for table, counts in truth["tables"].items():
        views = [table, f"_ql_committed_{table}", f"history_{table}"]
        counted = [int(run("sqlite3", home / "a.db", f'SELECT count(*) FROM "{view}"')) for view in views]
        assert counted == [counts["activeDocuments"]] * 2 + [counts["revisions"]], (table, counted, counts)


def written_out(folder):
    """Renames one partition as if another table's name differed from its own only in case."""
    name = min(path.name for path in (folder / "revision").iterdir()).partition("=")[2]
    escaped = "".join(f"%{byte:02X}" for byte in name.encode())
    (folder / "revision" / f"table_name={name}").rename(folder / "revision" / f"table_name={escaped}")


def in_parquet(home, archive, wanted):
    run(BINARY, "convert", archive, "--as", "parquet", "--to", home / "parquet")
    written_out(home / "parquet")
    connection = duckdb.connect()
    connection.execute(run(BINARY, "convert", "--print-ddl", "duckdb", "--to", home / "parquet"))
    rows = connection.execute("SELECT table_name, doc_id, version, data FROM revision").fetchall()
    same("DuckDB", {tuple(row[:3]): read(row[3]) for row in rows}, wanted)
    kinds = dict(row[:2] for row in connection.execute("DESCRIBE revision").fetchall())
    assert (kinds["block_time"], kinds["version"], kinds["redacted"]) == ("TIMESTAMP WITH TIME ZONE", "BIGINT", "BOOLEAN"), kinds
    table = parquet.read_table(home / "parquet" / "revision", partitioning="hive")
    rows = zip(*(table.column(name).to_pylist() for name in ("table_name", "doc_id", "version", "data")))
    same("pyarrow", {row[:3]: read(row[3]) for row in rows}, wanted)
    part = next((home / "parquet" / "revision").glob("*/*.parquet"))
    assert parquet.read_metadata(part).metadata[b"qldb.verdict"] == b"proved"


def postgres(home, archive, wanted):
    if not need("psql", "PostgreSQL"):
        return
    server = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    # It refuses to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pg"))
    try:
        if as_user:
            shutil.chown(folder, "postgres")
        run(*as_user, server / "initdb", "-D", folder / "data", "-U", "tester", "--auth=trust", "--encoding=UTF8", cwd=folder)
        options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
        run(*as_user, server / "pg_ctl", "-D", folder / "data", "-o", options, "-w", "-l", folder / "log", "start", cwd=folder)
        try:
            environment = {**os.environ, "PGHOST": str(folder), "PGUSER": "tester"}
            for form in ("csv", "jsonl"):
                run(BINARY, "convert", archive, "--as", form, "--to", home / form)
                run("psql", "-q", "-d", "postgres", "-c", f"CREATE DATABASE {form}", env=environment)
                run("psql", "-q", "-d", form, "-f", "load.sql", cwd=home / form, env=environment)
                sql = "SELECT json_agg(json_build_array(table_name, doc_id, version, data)) FROM revision"
                rows = read(run("psql", "-At", "-d", form, "-c", sql, env=environment))
                found = {tuple(row[:3]): row[3] for row in rows}
                same(f"PostgreSQL, {form}", found, {key: without_nul(data) for key, data in wanted.items()} if form == "jsonl" else wanted)
            cut_off(home, archive.parent / "ION_TEXT", folder, environment)
        finally:
            run(*as_user, server / "pg_ctl", "-D", folder / "data", "-m", "fast", "stop", cwd=folder)
    finally:
        shutil.rmtree(folder)


def cut_off(home, archive, folder, environment):
    """A statement with a line that an older psql takes for the end of the data: load.sql refuses, and the server reads it."""
    shutil.copytree(archive, home / "marked")
    marked = next(path for path in sorted((home / "marked").rglob("*.ion")) if 'statement:"' in path.read_text(encoding="utf-8"))
    marked.write_text(marked.read_text(encoding="utf-8").replace('statement:"', 'statement:"SELECT\\n\\\\.\\nFROM ', 1), encoding="utf-8")
    run(BINARY, "convert", home / "marked", "--as", "csv", "--to", home / "cut", "--unverified")
    run("psql", "-q", "-d", "postgres", "-c", "CREATE DATABASE cut", env=environment)
    version = int(re.search(r"[0-9]+", run("psql", "--version")).group())
    load = ["psql", "-q", "-d", "cut", "-f", "load.sql"]
    done = subprocess.run(load, cwd=home / "cut", env=environment, capture_output=True, text=True)
    if version < 18:
        assert done.returncode == 3 and "does not read statement.csv to its end" in done.stderr, (done.returncode, done.stderr)
        assert run("psql", "-At", "-d", "cut", "-c", "\\dt", env=environment) == "", "nothing is loaded"
        create = re.search(r"CREATE TABLE statement .*?;", (home / "cut" / "load.sql").read_text(encoding="utf-8"), re.DOTALL).group()
        # To a place where the server may read it.
        place = shutil.copy(home / "cut" / "statement.csv", folder / "statement.csv")
        os.chmod(place, 0o644)
        copy = f"COPY statement FROM '{place}' WITH (FORMAT csv, HEADER true, ENCODING 'UTF8')"
        run("psql", "-q", "-d", "cut", "-c", create, "-c", copy, env=environment)
    else:
        assert done.returncode == 0, done.stderr
    sql = "SELECT count(*), count(*) FILTER (WHERE statement LIKE E'SELECT\\n\\\\\\\\.\\nFROM %') FROM statement"
    run(BINARY, "convert", home / "marked", "--as", "jsonl", "--to", home / "cut-jsonl", "--unverified")
    count = (home / "cut-jsonl" / "statement.jsonl").read_text(encoding="utf-8").count("\n")
    assert run("psql", "-At", "-d", "cut", "-c", sql, env=environment).strip() == f"{count}|1"
    print("PostgreSQL: a line with only \\. is refused or read")


def without_nul(value):
    """A value without U+0000, which PostgreSQL's texts can't contain."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list):
        return [without_nul(inner) for inner in value]
    if isinstance(value, dict):
        return {without_nul(name): without_nul(inner) for name, inner in value.items()}
    return value


def in_doubles(value):
    if isinstance(value, list):
        return [in_doubles(inner) for inner in value]
    if isinstance(value, dict):
        return {name: in_doubles(inner) for name, inner in value.items()}
    return float(value) if isinstance(value, (decimal.Decimal, int)) and not isinstance(value, bool) else value


def documented(language):
    """The examples in docs/tables.md in a language."""
    text = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    return [part.split("```")[0] for part in text.split(f"```{language}\n")[1:]]


def engines(home, archive, wanted):
    """A JSON export as QLDB wrote it, read as docs/tables.md says."""
    shutil.copytree(archive, home / "exports")
    keys = run(BINARY, "list", "--keys", "exports", cwd=home)
    (home / "keys").write_text(keys)
    sql = next(example for example in documented("sql") if "read_json" in example)
    rows = duckdb.sql(sql.replace("'exports/", f"'{home}/exports/")).fetchall()
    # DuckDB reads JSON's numbers as doubles.
    found = {(row[2], row[0], row[1]): in_doubles(read(row[3])) for row in rows}
    same("DuckDB, read_json", found, {key: in_doubles(data) for key, data in wanted.items()})
    code = next(example for example in documented("python") if "pandas" in example)
    names = {}
    before = os.getcwd()
    os.chdir(home)
    try:
        exec(code, names)
    finally:
        os.chdir(before)
    assert isinstance(names["table"], pandas.DataFrame)
    same("pandas", {(row["table_name"], row["doc_id"], row["version"]): row["data"] for row in names["rows"]}, wanted)
    if not need("jq", "jq"):
        return
    script = documented("sh")[0].replace("qldb-export", str(BINARY), 1)
    rows = [json.loads(line) for line in run("sh", "-c", script, cwd=home).split("\n") if line]
    # Versions before 1.7 read numbers as floats, so only the rows' keys are compared.
    found = {(row["table_name"], row["doc_id"], row["version"]) for row in rows}
    assert found == set(wanted), len(found)
    print(f"jq: {len(found)} revisions agree")


def main():
    for name in ("small",):
        truth = json.loads((ARCHIVES / name / "truth.json").read_text(encoding="utf-8"))
        wanted = expected(ARCHIVES / name / "JSON")
        kinds = truth["counts"]["revisionsByKind"]
        assert len(wanted) == truth["counts"]["revisions"] - kinds["system"], len(wanted)
        with tempfile.TemporaryDirectory() as home:
            home = pathlib.Path(home)
            archive = ARCHIVES / name / "ION_BINARY"
            sqlite(home, archive, wanted, truth)
            in_parquet(home, archive, wanted)
            postgres(home, archive, wanted)
            engines(home, ARCHIVES / name / "JSON", wanted)


if __name__ == "__main__":
    main()
