"""An independent check of exports: every hash of every block, and the chain.

Written from the published rules with `amazon.ion` and `ionhash`. It shares
nothing with the Rust code, so that a mistake would have to be made twice. Used
by interop.py and others; as a command: oracle.py BUCKET_DIRECTORY FINAL_MANIFEST_KEY
"""

import base64
import functools
import hashlib
import importlib.util
import json
import pathlib
import sys

import amazon.ion.simpleion as ion
import ionhash  # noqa: F401 - gives Ion values their method ion_hash

HASH_LENGTH = 32


class Faulty(Exception):
    """A check of the export failed."""


def require(condition, what):
    if not condition:
        raise Faulty(what)


def ion_hash(value):
    return bytes(value.ion_hash("SHA256"))


def signed_from_the_end(digest):
    """The key by which hashes are ordered: their bytes as signed numbers, last byte first."""
    return [byte - 256 if byte >= 128 else byte for byte in reversed(digest)]


def dot(left, right):
    """Joins two hashes. Joining with an empty one returns the other."""
    if not left or not right:
        return left or right
    return hashlib.sha256(b"".join(sorted((left, right), key=signed_from_the_end))).digest()


def merkle_root(hashes):
    """Joins neighbours level by level; a last one without a neighbour moves up unchanged."""
    level = list(hashes)
    while len(level) > 1:
        pairs = [level[start : start + 2] for start in range(0, len(level), 2)]
        level = [functools.reduce(dot, pair) for pair in pairs]
    return level[0] if level else b""


def blob(container, field):
    value = bytes(container[field])
    require(len(value) in (0, HASH_LENGTH), f"{field} has {len(value)} bytes")
    return value


def check_revision(revision):
    """Checks a revision's hash. Returns whether it could be computed."""
    fields = set(revision.keys())
    if "metadata" not in fields:
        require(fields == {"hash"}, f"a revision without metadata has {sorted(fields)}")
        return False
    contents = b""
    if "data" in fields:
        contents = ion_hash(revision["data"])
    elif "dataHash" in fields:
        contents = blob(revision, "dataHash")
    expected = dot(ion_hash(revision["metadata"]), contents)
    require(expected == blob(revision, "hash"), f"the hash of revision {revision['metadata']['id']} is wrong")
    return True


def check_block(block):
    """Checks one block by itself. Returns how many revisions were hashed."""
    entries = [bytes(entry) for entry in block["entriesHashList"]]
    require(merkle_root(entries) == blob(block, "entriesHash"), "entriesHash is not the root of its list")
    joined = dot(blob(block, "entriesHash"), blob(block, "previousBlockHash"))
    require(joined == blob(block, "blockHash"), "blockHash does not follow from entriesHash and previousBlockHash")
    for field in ("transactionInfo", "redactionInfo"):
        if field in block:
            require(ion_hash(block[field]) in entries, f"the hash of {field} is not in the list")
    revisions = block["revisions"] if "revisions" in block else []
    if revisions:
        root = merkle_root(blob(revision, "hash") for revision in revisions)
        require(root in entries, "the root of the revisions is not in the list")
    for revision in revisions:
        if "metadata" in revision:
            require(revision["metadata"]["txId"] == block["transactionId"], "a revision of another transaction")
    return sum(check_revision(revision) for revision in revisions)


def check_chain(blocks):
    """Checks that each block follows the one before it."""
    for before, after in zip(blocks, blocks[1:]):
        numbers = before["blockAddress"]["sequenceNo"], after["blockAddress"]["sequenceNo"]
        require(numbers[1] == numbers[0] + 1, f"block {numbers[1]} comes after block {numbers[0]}")
        require(blob(after, "previousBlockHash") == blob(before, "blockHash"), f"block {numbers[1]} breaks the chain")
        require(before["blockTimestamp"] <= after["blockTimestamp"], f"block {numbers[1]} goes back in time")


def parse(text):
    """The one Ion value in a text."""
    return ion.loads(text)


def fold(leaf, proof_text, digest):
    """Checks that a hash joined with each hash of a proof makes the digest."""
    siblings = [bytes(sibling) for sibling in parse(proof_text)]
    require(all(len(sibling) == HASH_LENGTH for sibling in siblings), "a proof holds hashes only")
    require(functools.reduce(dot, siblings, leaf) == digest, "the proof does not lead to the digest")


def prove_block(text, proof_text, digest):
    """Checks a block and its proof. Returns the ids of the documents that it revises."""
    block = parse(text)
    check_block(block)
    fold(blob(block, "blockHash"), proof_text, digest)
    revisions = block["revisions"] if "revisions" in block else []
    return [str(revision["metadata"]["id"]) for revision in revisions if "metadata" in revision]


def prove_revision(text, proof_text, digest):
    """Checks a revision and its proof."""
    revision = parse(text)
    require(check_revision(revision), "the revision's hash can't be computed")
    fold(blob(revision, "hash"), proof_text, digest)


def read_ion(path):
    """Every top-level value of a file in either Ion encoding."""
    data = path.read_bytes()
    # amazon.ion 0.9.3 misreads UTF-8 text when it gets bytes.
    source = data if data.startswith(b"\xe0\x01\x00\xea") else data.decode("utf-8")
    return list(ion.loads(source, single_value=False))


def objects_of(bucket, manifest_key):
    """The keys and paths of the data objects that a final manifest lists, in order."""
    manifests = read_ion(bucket / manifest_key)
    require(len(manifests) == 1, "a manifest is one value")
    keys = [str(key) for key in manifests[0]["keys"]]
    return [(key, bucket / key) for key in keys]


def named_range(key):
    """The strand and the two sequence numbers in a data object's name."""
    strand, numbers = key.rsplit("/", 1)[-1].rsplit(".", 1)[0].rsplit(".", 1)
    first, last = numbers.split("-")
    return strand, int(first), int(last)


def check_name(key, addresses):
    strand, first, last = named_range(key)
    require(addresses[0] == (strand, first) and addresses[-1] == (strand, last), f"{key} does not hold what it names")


def read_export(bucket, manifest_key):
    """All blocks of an Ion export. Each object is checked against its name."""
    blocks = []
    for key, path in objects_of(bucket, manifest_key):
        found = read_ion(path)
        addresses = [(block["blockAddress"]["strandId"], block["blockAddress"]["sequenceNo"]) for block in found]
        check_name(key, addresses)
        blocks.extend(found)
    return blocks


def check_export(bucket, manifest_key):
    """Checks a complete Ion export. Returns what was checked."""
    blocks = read_export(bucket, manifest_key)
    revisions = 0
    for block in blocks:
        try:
            revisions += check_block(block)
        except Faulty as fault:
            raise Faulty(f"block {block['blockAddress']['sequenceNo']}: {fault}") from None
    check_chain(blocks)
    return {"blocks": len(blocks), "revisions": revisions, "hashes": block_hashes(blocks)}


def block_hashes(blocks):
    return [base64.b64encode(bytes(block["blockHash"])).decode() for block in blocks]


def check_json_export(bucket, manifest_key):
    """Checks that every line of a JSON export is an object, and as much of the chain as JSON allows."""
    hashes, previous = [], None
    for key, path in objects_of(bucket, manifest_key):
        text = path.read_text(encoding="utf-8")
        require(text.endswith("\n"), f"{key} does not end with a newline")
        blocks = [json.loads(line) for line in text.splitlines()]
        require(all(isinstance(block, dict) for block in blocks), f"{key} has a line that is not an object")
        check_name(key, [(block["blockAddress"]["strandId"], block["blockAddress"]["sequenceNo"]) for block in blocks])
        for block in blocks:
            require(previous is None or block["previousBlockHash"] == previous, f"{key} breaks the chain")
            previous = block["blockHash"]
            hashes.append(previous)
    return {"blocks": len(hashes), "hashes": hashes}


def compare_with(reference, bucket, manifest_key):
    """Compares another implementation of the hashing with this one. Returns how many blocks it checked."""
    blocks = read_export(bucket, manifest_key)
    spec = importlib.util.spec_from_file_location("reference", reference)
    other = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(other)
    for block in blocks:
        number = block["blockAddress"]["sequenceNo"]
        report = other.check_block(block)
        require(report["entriesHash"] and report["blockHash"], f"the reference finds block {number} wrong")
        for index in ("transactionInfo_idx", "redactionInfo_idx", "revisions_idx"):
            # Each part must be in the list of hashes, but an empty list of revisions has no root.
            missing = index in report and report[index] is None and (index != "revisions_idx" or block["revisions"])
            require(not missing, f"the reference misses {index} in block {number}")
        for revision, found in zip(block["revisions"] if "revisions" in block else [], report.get("revision_hashes", [])):
            # It returns False for deleted revisions, for which it has no rule.
            known = "data" in revision or "dataHash" in revision
            require(found in (True, "hash-only") or not known, f"the reference finds a revision of block {number} wrong")
    return len(blocks)


def main():
    bucket, manifest_key = pathlib.Path(sys.argv[1]), sys.argv[2]
    checked = check_export(bucket, manifest_key)
    print(json.dumps({"blocks": checked["blocks"], "revisions": checked["revisions"], "tip": checked["hashes"][-1:]}))


if __name__ == "__main__":
    try:
        main()
    except Faulty as fault:
        sys.exit(f"faulty: {fault}")
