"""Checks the files that `prove` writes with this binary's `verify`, with the oracle, and with Amazon's own hashing.

    proofs.py BINARY

Documents and blocks are proved, in text and binary, for every digest in the independent archives. Each file must lead to
the digest according to the oracle and to pyqldb, AWS's driver for Python, whose `QldbHash` the samples for QLDB's proofs
use. Both must also detect one flipped bit.
"""

import base64
import functools
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from pyqldb.util.qldb_hash import QldbHash

import oracle
from stage import main_guard

ARCHIVES = pathlib.Path(__file__).resolve().parents[1] / "archives"
FORMATS = ("ION_TEXT", "ION_BINARY")
# Every so many files, one is also verified by the binary.
VERIFIED = 5
BEYOND = 12


class Proofs:
    def __init__(self, score, home, binary):
        self.check, self.home, self.binary = score.check, home, binary
        self.files, self.faults, self.folders = 0, [], 0
        self.random = random.Random(20240301)

    def run(self, *arguments):
        return subprocess.run([self.binary, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)

    def prove(self, archive, digest, *wanted):
        """Makes a proof and checks its files, unless the digest is older than everything in it."""
        self.folders += 1
        out = self.home / f"proof-{self.folders}"
        ran = self.run("prove", archive, *wanted, "--digest", digest["digest"], "--tip", digest["tip"], "--out", out)
        if ran.returncode == BEYOND and "beyond the digest's tip" in ran.stderr:
            return
        if ran.returncode:
            self.faults.append((wanted, digest["tip"], ran.stderr))
            return
        for path in sorted(out.glob("*.json")):
            self.files += 1
            try:
                self.hold(path, digest)
            except Exception as error:  # noqa: BLE001 - any exception is one failed file
                self.faults.append((path.name, wanted, digest["tip"], repr(error)))

    def hold(self, path, digest):
        answer = json.loads(path.read_text())
        member = "Block" if "Block" in answer else "Revision"
        text, proof = answer[member]["IonText"], answer["Proof"]["IonText"]
        root = base64.b64decode(digest["digest"])
        value = oracle.parse(text)
        leaf = bytes(value["blockHash" if member == "Block" else "hash"])
        siblings = [bytes(sibling) for sibling in oracle.parse(proof)]
        # How a deletion is hashed is not known; the oracle implements one of the possible ways.
        (oracle.prove_block if member == "Block" else oracle.prove_revision)(text, proof, root)
        assert by_pyqldb(leaf, siblings) == root, "pyqldb computes another digest"
        if member == "Revision" and "data" in value:
            stated = QldbHash.to_qldb_hash(value["metadata"]).dot(QldbHash.to_qldb_hash(value["data"]))
            assert stated.get_qldb_hash() == leaf, "pyqldb computes another hash of the revision"
        self.flip(leaf, siblings, root)
        if self.files % VERIFIED == 0:
            ran = self.run("verify", f"--{member.lower()}", path, "--digest", digest["digest"], "--tip", digest["tip"])
            is_open = "the content is missing" in ran.stdout
            assert ran.returncode == (12 if is_open else 0), ran.stderr

    def flip(self, leaf, siblings, root):
        """Checks that one flipped bit in the hash or a sibling changes the digest."""
        hashes = [bytearray(one) for one in (leaf, *siblings)]
        changed = self.random.choice(hashes)
        changed[self.random.randrange(len(changed))] ^= 1 << self.random.randrange(8)
        leaf, *siblings = map(bytes, hashes)
        assert by_pyqldb(leaf, siblings) != root, "a changed bit leads to the digest"
        assert functools.reduce(oracle.dot, siblings, leaf) != root, "a changed bit leads to the oracle's digest"


def by_pyqldb(leaf, siblings):
    join = lambda node, sibling: node.dot(QldbHash(sibling))  # noqa: E731
    return functools.reduce(join, siblings, QldbHash(leaf)).get_qldb_hash()


def run(score):
    with tempfile.TemporaryDirectory(prefix="qldb-export-proofs-") as home:
        for name in ("small", "daily"):
            truth = json.loads((ARCHIVES / name / "truth.json").read_text())
            for format_name in FORMATS:
                proofs = Proofs(score, pathlib.Path(home) / f"{name}-{format_name}", sys.argv[1])
                proofs.home.mkdir()
                for digest in truth["digests"]:
                    for document in truth["documents"]:
                        proofs.prove(ARCHIVES / name / format_name, digest, "--document", document)
                    for number in range(0, digest["tip"] + 1, 7):
                        proofs.prove(ARCHIVES / name / format_name, digest, "--block", number)
                score.check(f"{name}, {format_name}: {proofs.files} files of {proofs.folders} proofs", not proofs.faults, proofs.faults[:3])
                score.check(f"{name}, {format_name}: there are many", proofs.files > 200, proofs.files)


if __name__ == "__main__":
    main_guard(run)
