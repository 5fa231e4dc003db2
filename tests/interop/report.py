"""Opens reports in Debian's Chromium, and checks their accessibility with axe-core.

    report.py BINARY NODE AXE FOLDER

A proved archive, a damaged one, one in JSON, and one whose names contain markup, quotes and control characters.
Screenshots and PDFs are kept in FOLDER.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from stage import main_guard

ROOT = pathlib.Path(__file__).resolve().parents[2]
WHOLE = ROOT / "tests" / "archives" / "small"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 240
EVIL = "</title></pre><script>alert(1)</script><img src=x onerror=alert(1)>'\"&amp;\x1b]0;x\x07\u202eabc"
# The impacts, in axe-core's words, that keep people from reading.
SERIOUS = ("serious", "critical")


def altered(folder, name, change):
    """A copy of the archive in which the text of each file is changed."""
    archive = folder / name
    shutil.copytree(WHOLE / "ION_TEXT", archive)
    for file in [path for path in archive.rglob("*") if path.is_file()]:
        file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    return archive


def hostile(folder):
    ion = EVIL.replace('"', '\\"').replace("\x1b", "\\x1b").replace("\x07", "\\a")

    def change(text):
        text = text.replace('ledgerName:"forge-ledger"', f'ledgerName:"{ion}"')
        return text.replace('tableName:"Person"', f'tableName:"{ion}"')

    archive = altered(folder, "<b onmouseover=alert(1)>\x9b31m", change)
    (archive / (EVIL.replace("/", "%2F") + ".txt")).write_text("")
    return archive


def report(binary, folder, name, code, archive, *more):
    page = folder / f"{name}.html"
    command = [binary, "verify", str(archive), "--report", str(page), "--quiet", *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == code, (name, done.returncode, done.stderr)
    return page


def run(score):
    binary, node, axe, kept = sys.argv[1:]
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert browser, "there is no Chromium: apt-get install chromium"
    kept = pathlib.Path(kept)
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    truth = json.loads((WHOLE / "truth.json").read_text())
    last = truth["digests"][-1]
    with tempfile.TemporaryDirectory(prefix="qldb-export-report-") as folder:
        folder = pathlib.Path(folder)
        damaged = altered(folder, "damaged", lambda text: text.replace('statement:"', 'statement:"X', 1))
        pages = [
            report(binary, kept, "proved", 0, WHOLE / "ION_TEXT", "--digest", last["digest"], "--tip", str(last["tip"])),
            report(binary, kept, "damaged", 10, damaged),
            report(binary, kept, "json", 12, WHOLE / "JSON"),
            report(binary, kept, "hostile", 10, hostile(folder)),
        ]
    command = [node, str(pathlib.Path(__file__).with_name("report.js")), browser, axe, str(kept), *map(str, pages)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    found = {one["page"]: one for one in map(json.loads, done.stdout.splitlines())}
    for name, one in found.items():
        score.check(f"{name}: the console is silent", not one["console"], one["console"])
        score.check(f"{name}: no request is sent", not one["requests"], one["requests"])
        score.check(f"{name}: no scripts and no resources", one["scripts"] == 0, one["scripts"])
        serious = [fault for fault in one["violations"] if fault["impact"] in SERIOUS]
        score.check(f"{name}: axe-core finds no serious fault", not serious, serious)
        score.check(f"{name}: axe-core finds nothing at all", not one["violations"], one["violations"])
        score.check(f"{name}: no line is wider than the window", not one["sideways"], one["sideways"])
        score.check(f"{name}: it prints on A4 and Letter", all(count > 0 for count in one["printed"].values()), one["printed"])
    score.check("the verdict comes first", found["proved"]["text"].split("\n\n")[1].startswith("Proved: "), found["proved"]["text"][:300])
    score.check("a failed verdict too", "Not proved: the archive is damaged." in found["damaged"]["text"][:300])
    shown = found["hostile"]["text"]
    visible = EVIL.replace("\x1b", "\\u{1b}").replace("\x07", "\\u{7}").replace("\u202e", "\\u{202e}")
    score.check("hostile names are shown as text", shown.count(visible) >= 3, shown[:1000])
    score.check("also in the title", visible in found["hostile"]["title"], found["hostile"]["title"])
    score.check("also the folder's name", "<b onmouseover=alert(1)>\\u{9b}31m" in shown)


if __name__ == "__main__":
    main_guard(run)
