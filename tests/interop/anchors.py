"""Checks anchors with openssl, ssh-keygen and an independent Merkle tree.

    anchors.py BINARY

Runs the sh blocks in the section on anchors of docs/proof.md unchanged, beside an archive. The time stamps come from a
time stamping authority that is created here. pymerkle builds the tree of RFC 6962 over blocks that an independent
program wrote, and proves that each is covered by the anchor's root.
"""

import base64
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import pymerkle

from stage import main_guard

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARCHIVES = ROOT / "tests" / "archives"
FENCE = "```sh"
AUTHORITY = """
[tsa]
default_tsa = tsa_config
[tsa_config]
serial = tsa.serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
EXTENSIONS = "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=critical,timeStamping\n"


def run(folder, *command, **options):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False, **options)


def blocks():
    """The sh blocks of the section on anchors."""
    page = (ROOT / "docs" / "proof.md").read_text(encoding="utf-8")
    section = page.split("## An anchor that others sign", 1)[1].split("\n## ", 1)[0]
    return re.findall(rf"{FENCE}\n(.*?)```", section, re.DOTALL)


def make_authority(folder):
    """Creates a root certificate and a time stamping authority."""
    (folder / "tsa.cnf").write_text(AUTHORITY)
    (folder / "tsa.ext").write_text(EXTENSIONS)
    (folder / "tsa.serial").write_text("01\n")
    for line in (
        "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=Root -keyout root.key -out tsa-ca.pem",
        "req -new -newkey rsa:2048 -nodes -subj /CN=TSA -keyout tsa.key -out tsa.csr",
        "x509 -req -in tsa.csr -CA tsa-ca.pem -CAkey root.key -CAcreateserial -days 30 -extfile tsa.ext -out tsa.pem",
    ):
        done = run(folder, "openssl", *line.split(" "))
        assert done.returncode == 0, done.stderr


def stamp(folder):
    line = "ts -reply -config tsa.cnf -section tsa_config -queryfile anchor.tsq -signer tsa.pem -inkey tsa.key -out anchor.tsr"
    done = run(folder, "openssl", *line.split(" "))
    assert done.returncode == 0, done.stderr


def documented(score, binary, folder):
    make_authority(folder)
    shutil.copytree(ARCHIVES / "small" / "ION_TEXT", folder / "archive")
    path = f"{pathlib.Path(binary).resolve().parent}:/usr/local/bin:/usr/bin:/bin"
    environment = {"PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    found = blocks()
    score.check("the page has commands for openssl and ssh-keygen", len(found) >= 4, found)
    for block in found:
        if "ts -verify" in block:
            stamp(folder)
        done = run(folder, "sh", "-ec", block, env=environment)
        score.check(f"it runs: {' '.join(block.split())[:90]}", done.returncode == 0, done.stdout + done.stderr)
    # After a change to one signed byte, no signature is valid.
    anchor = folder / "anchor.txt"
    anchor.write_text(anchor.read_text().replace("\n60\n", "\n61\n"))
    for block in [block for block in found if "-verify" in block or "-Y verify" in block]:
        checks = "\n".join(line for line in block.splitlines() if "verify" in line and "qldb-export" not in line)
        done = run(folder, "sh", "-ec", checks, env=environment)
        score.check(f"after a change it fails: {' '.join(checks.split())[:80]}", done.returncode != 0, done.stdout + done.stderr)


def inclusion(score, binary, folder):
    truth = json.loads((ARCHIVES / "small" / "truth.json").read_text())
    hashes = [base64.b64decode(block["blockHash"]) for block in truth["blockList"]]
    anchor = folder / "proved.txt"
    done = run(folder, binary, "verify", ARCHIVES / "small" / "ION_BINARY", "--anchor", anchor)
    assert done.returncode == 0, done.stderr
    origin, size, root, digest = anchor.read_text().splitlines()
    score.check("the origin", origin == f"qldb/{truth['ledger']}/{truth['strandId']}", origin)
    score.check("the digest", digest == f"qldb-digest {truth['digests'][-1]['digest']}", digest)
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    tree.append_entries(hashes)
    root = base64.b64decode(root)
    score.check("pymerkle has the same root", int(size) == len(hashes) and tree.get_root() == root, root)
    for index, block in enumerate(hashes, 1):
        base = tree.hash_buff(block)
        pymerkle.verify_inclusion(base, root, tree.prove_inclusion(index))
    try:
        pymerkle.verify_inclusion(tree.hash_buff(hashes[0]), root, tree.prove_inclusion(2))
        refused = False
    except pymerkle.InvalidProof:
        refused = True
    score.check("each block is proved to be included, and no other in its place", refused)


def main(score):
    (binary,) = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="qldb-export-anchors-") as folder:
        folder = pathlib.Path(folder)
        documented(score, binary, folder)
        inclusion(score, str(pathlib.Path(binary).resolve()), folder)


if __name__ == "__main__":
    main_guard(main)
