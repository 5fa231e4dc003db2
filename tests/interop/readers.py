"""Compares our Ion readers with amazon.ion and ion-js: values and hashes of the same documents.

    readers.py ION NODE NODE_MODULES [SEED COUNT]

ION is the built example of that name, NODE the program, and NODE_MODULES the
folder with ion-js, which readers.js uses.

The example generates the documents as the Rust tests do. amazon.ion gets text as
a decoded string, because it misreads UTF-8 in bytes. Known disagreements are
listed with what the specification says; any other one fails.
"""

import base64
import binascii
import json
import math
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

import amazon.ion.simpleion as ion
import ionhash  # noqa: F401 - gives Ion values their method ion_hash
from amazon.ion.core import IonType, TimestampPrecision

SEED, COUNT = "1", "6000"
SECONDS = 120
NODE_SECONDS = 15

# Where amazon.ion 0.9.3 and ionhash 1.2.1 disagree: the kind of disagreement, a pattern for its details, and what the
# specification says.
KNOWN = (
    ("hashes", r"float nan", "one NaN stands for all in a hash; ionhash hashes the bits that were read"),
    ("they refuse", r"has no attribute 'next_transition'", "an annotation in quotes may stand before white space and the colons; a fault of the reader"),
    ("they refuse", r"ord\(\) expected a character", "text may hold a character of zero; a fault of the reader"),
    ("they refuse", r"Illegal IVM", "`$ion__0` and its like are symbols"),
    ("they refuse", r"InvalidOperation", "an exponent has no bound but ours; Python's decimals have a narrower one"),
    ("values", r"symbol ''", "an empty symbol may stand behind a long string; amazon.ion takes it for a part of that"),
    (
        "we refuse",
        r"a float has|an annotation wrapper does not fit",
        "lengths are right everywhere (ion-tests, floatLenTooLarge); amazon.ion passes over what a symbol table says",
    ),
    ("we refuse", r"not a negative integer", "no negative integer is zero (ion-tests, negativeIntZero)"),
    ("we refuse", r"not a number or timestamp.*(float|decimal)", "an exponent has no underscores"),
    ("we refuse", r"the object ends at", "a value has its end"),
    ("we refuse", r"not a timestamp", "an hour has its minute (ion-tests, timestampHourWithoutMinute)"),
)
VERSION_MARKER = "symbol '24696f6e5f315f30'"


def quoted(data):
    return "'" + binascii.hexlify(data).decode() + "'"


def symbol(token):
    text = getattr(token, "text", token)
    return "$0" if text is None else quoted(text.encode("utf-8", "surrogatepass"))


def decimal(value):
    sign, digits, exponent = value.as_tuple()
    return ("-" if sign else "") + str(int("".join(map(str, digits)) or "0")) + "d" + str(exponent)


def timestamp(value):
    precision = getattr(value, "precision", None)
    precision = TimestampPrecision.SECOND if precision is None else precision
    text = f"{value.year:04d}"
    if precision is TimestampPrecision.YEAR:
        return text + "T"
    text += f"-{value.month:02d}"
    if precision is TimestampPrecision.MONTH:
        return text + "T"
    text += f"-{value.day:02d}"
    if precision is TimestampPrecision.DAY:
        return text
    text += f"T{value.hour:02d}:{value.minute:02d}"
    if precision is TimestampPrecision.SECOND:
        text += f":{value.second:02d}"
        fraction = getattr(value, "fractional_seconds", None)
        if fraction is not None and fraction.as_tuple().exponent < 0:
            digits = -fraction.as_tuple().exponent
            text += "." + str(int(fraction.scaleb(digits))).rjust(digits, "0")
    offset = value.utcoffset()
    if offset is None:
        return text + "-00:00"
    minutes = int(offset.total_seconds() // 60)
    if minutes == 0:
        return text + "Z"
    return f"{text}{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def canonical(value):
    annotations = "".join(symbol(annotation) + "::" for annotation in value.ion_annotations)
    return annotations + bare(value)


def bare(value):
    kind = value.ion_type
    if isinstance(value, ion.IonPyNull):
        return "null." + kind.name.lower()
    if kind is IonType.BOOL:
        return "true" if value else "false"
    if kind is IonType.INT:
        return f"int {int(value)}"
    if kind is IonType.FLOAT:
        return "float nan" if math.isnan(value) else "float " + struct.pack(">d", value).hex()
    if kind is IonType.DECIMAL:
        return "decimal " + decimal(value)
    if kind is IonType.TIMESTAMP:
        return "timestamp " + timestamp(value)
    if kind is IonType.SYMBOL:
        return "symbol " + symbol(value)
    if kind is IonType.STRING:
        return "string " + quoted(str(value).encode("utf-8", "surrogatepass"))
    if kind in (IonType.CLOB, IonType.BLOB):
        return kind.name.lower() + " " + quoted(bytes(value))
    if kind is IonType.LIST:
        return "[" + ",".join(map(canonical, value)) + "]"
    if kind is IonType.SEXP:
        return "(" + " ".join(map(canonical, value)) + ")"
    return "{" + ",".join(sorted(f"{symbol(name)}={canonical(child)}" for name, child in value.items())) + "}"


def read(document):
    """Values and hashes. A hash is None if ionhash can't compute it."""
    source = document if document.startswith(b"\xe0") else document.decode("utf-8")
    found = []
    for value in ion.loads(source, single_value=False):
        try:
            digest = bytes(value.ion_hash("SHA256")).hex()
        except Exception:  # noqa: BLE001 - what it can't hash is compared by value
            digest = None
        found.append((canonical(value), digest))
    return found


def judge(document, verdict, reported):
    """The kind of disagreement and its details, or None."""
    try:
        theirs = [found for found in read(document) if found[0] != VERSION_MARKER]
    except RecursionError:
        return None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a refusal
        return None if verdict == "refused" else ("they refuse", f"{type(error).__name__}: {error}")
    if verdict == "refused":
        return "we refuse", f"{reported}: they read {[text for text, _ in theirs]}"
    texts = [text for text, _ in reported], [text for text, _ in theirs]
    if texts[0] != texts[1]:
        return "values", f"{texts[0]}\n  {texts[1]}"
    for (text, ours), (_, digest) in zip(reported, theirs):
        if digest not in (None, ours):
            return "hashes", f"{text}: {ours}, {digest}"
    return None


def is_known(kind, details):
    return any(kind == known and re.search(pattern, details) for known, pattern, _ in KNOWN)


def shown(document):
    return document.hex(" ") if document.startswith(b"\xe0") else repr(document.decode("utf-8", "replace"))


def compare(lines):
    """The unknown disagreements."""
    faults = []
    for line in lines:
        encoded, verdict, reported = line.split("\t")
        document = base64.b64decode(encoded)
        found = judge(document, verdict, json.loads(reported))
        if found and not is_known(*found):
            faults.append((found[0], shown(document), found[1]))
    return faults


def ask_node(node, node_modules, lines, *arguments):
    """The JSON values that readers.js prints; None for a document on which ion-js never ends."""
    script = pathlib.Path(__file__).with_name("readers.js")
    environment = {**os.environ, "NODE_PATH": node_modules}
    rest = list(lines)
    reported = []
    while rest:
        with tempfile.TemporaryFile("w+") as out:
            text = "".join(line + "\n" for line in rest)
            try:
                subprocess.run([node, script, *arguments], input=text, stdout=out, text=True, env=environment, timeout=NODE_SECONDS, check=True)
            except subprocess.TimeoutExpired:
                pass
            out.seek(0)
            judged = out.read().splitlines()
        reported += [json.loads(line) for line in judged]
        if len(judged) < len(rest):
            print(f"ion-js never ends on {shown(base64.b64decode(rest[len(judged)].split(chr(9))[0]))}")
            reported.append(None)
        rest = rest[len(judged) + 1 :]
    return reported


def compare_with_node(lines, node, node_modules):
    """The same with ion-js, which only gets text."""
    text = [line for line in lines if not line.startswith("4AEA")]
    return [fault for fault in ask_node(node, node_modules, text) if fault]


def main(program, node, node_modules, seed=SEED, count=COUNT):
    made = subprocess.run([program, "make", "plain", seed, count], capture_output=True, text=True, timeout=SECONDS, check=True)
    lines = made.stdout.splitlines()
    read = sum("\tread\t" in line for line in lines)
    print(f"{len(lines)} documents, {read} of which are Ion")
    faults = [("amazon.ion", *fault) for fault in compare(lines)]
    faults += [("ion-js", *fault) for fault in compare_with_node(lines, node, node_modules)]
    for reader, kind, document, details in faults[:20]:
        print(f"FAILED {reader}, {kind}: {document}\n    {details}")
    print(f"{'FAILED' if faults else 'ok    '} other readers of Ion: {len(faults)} unknown disagreements")
    # At least half of the documents must be valid Ion, or the comparison means little.
    return 1 if faults or read * 2 < len(lines) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
