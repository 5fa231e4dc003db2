"""Compares what other readers read in the forgeries of the Rust tests.

    forgeries.py FILE NODE NODE_MODULES

FILE is written by `QLDB_EXPORT_FORGERIES=FILE cargo test --test blackbox
verify_forgeries`: a line for each forged object, with what ion-rs (for JSON,
serde_json) reads in it and the verdict of `verify`. amazon.ion and ion-js (for
JSON, Python and JavaScript) must read the same; known disagreements are listed
with what the specification says. If the verdict is proved, each of them must read
the same values in the forgery as in the original.
"""

import base64
import collections
import json
import pathlib
import re
import resource
import struct
import sys

from readers import VERSION_MARKER, ask_node, read

# With fewer forgeries the comparison would mean little.
FEWEST = 350
SHOWN = 2000
# amazon.ion makes a list of an import's ids, however many it declares.
MOST_BYTES = 2 << 30
JSON = "Json"
INTACT = "intact"
PEERS = {JSON: "serde_json"}

# Who disagrees with ion-rs, or for JSON with serde_json: patterns for the reader, the encoding, the forgery's name and the
# details, and what the specification says.
KNOWN = (
    ("", "Ion", r"an import of (a shared|the system's) table", r"symbol table import failed", "a table that is not at hand leaves its ids without text, an import of `$ion` is ignored; ion-rs looks for each"),
    ("python", "IonText", r"a comment in an address", r"Illegal character", "a comment may stand wherever white space may"),
    ("python", "IonBinary", r"padding (in a block|under an id)", r"real number is required", "padding may stand in a struct, under any id"),
    ("python", "IonBinary", r"(imports|symbols) twice", r"multiple '(imports|symbols)'", "a symbol table has these fields once; amazon.ion takes one of them"),
    ("python", "Json", r"ud800", r"hex escape", "half of a surrogate pair is no character"),
    ("python", "Json", r"NaN", r"expected value", "JSON has no NaN"),
    ("javascript", "Ion", r"\$0|a field without text", r"Symbol ID zero|symboltokens unsupported", "symbol zero is a symbol without text"),
    ("javascript", "IonText", r"(\[|:)\$ion_symbol_table::", r"'24696f6e5f73796d626f6c5f7461626c65'::", "only a value of the top level can be a symbol table; ion-js takes the annotation away"),
    ("javascript", "IonText", r"a comment between parts of a string", r"", "a comment may stand between the parts of a long string"),
    ("javascript", "IonText", r"a byte order mark first", r"unrecognized syntax", "Ion text begins with no mark; JavaScript's decoder takes it away"),
    ("javascript", "IonBinary", r"padding", r"", "padding is nothing and may stand anywhere, under any id; ion-js takes it for a value or its id for a name"),
    ("javascript", "IonBinary", r"a block without text", r"Symbol ID zero", "symbol zero is a symbol without text"),
    ("javascript", "IonBinary", r"symbol that is a number|symbols that are no list", r"not a string|step in", "what is no text in a symbol table has no text, what is no list is ignored"),
    ("javascript", "IonBinary", r"no annotations|a wrapper in a wrapper|a block that was cut", r"ion-rs refused", "a wrapper has annotations and no wrapper in it, a value has its end; ion-js doesn't look"),
    ("javascript", "Json", r"ud800", r"hex escape", "half of a surrogate pair is no character"),
)

# Forgeries that are proved although others read different values, and why.
PROVED = {
    "the pairs exchanged": "the root of a tree is the same whichever of two neighbours stands first: no hash covers it, and the report says so",
}


def read_python(document, encoding):
    """The values, or None and the reason of the refusal."""
    try:
        if encoding == JSON:
            lines = document.decode("utf-8").split("\n")
            return [canonical_json(json.loads(line, object_pairs_hook=dict)) for line in lines if line.strip()], ""
        return [text for text, _ in read(document) if text != VERSION_MARKER], ""
    except Exception as error:  # noqa: BLE001 - any exception is a refusal
        return None, f"{type(error).__name__}: {error}"


def quoted(text):
    return "'" + text.encode("utf-8", "surrogatepass").hex() + "'"


def canonical_json(value):
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return struct.pack(">d", value).hex()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical_json, value)) + "]"
    return "{" + ",".join(sorted(f"{quoted(name)}={canonical_json(child)}" for name, child in value.items())) + "}"


def shown(reading, reason):
    return f"refused: {reason}" if reading is None else str(reading)


class Forgery:
    def __init__(self, line):
        encoded, self.outcome, reported, self.verdict, self.encoding, name = line.split("\t")
        self.document = base64.b64decode(encoded)
        self.name = json.loads(name)
        reported = json.loads(reported)
        # ion-rs returns a symbol that looks like a version marker, which has no meaning.
        self.reported = [text for text, _ in reported if text != VERSION_MARKER] if self.outcome == "read" else None
        self.reason = reported if self.outcome == "refused" else ""


def is_known(reader, forgery, details):
    return any(
        reader.startswith(who) and forgery.encoding.startswith(encoding) and re.search(name, forgery.name) and re.search(reported, details)
        for who, encoding, name, reported, _ in KNOWN
    )


def main(file, node, node_modules):
    lines = pathlib.Path(file).read_text().splitlines()
    forgeries = [Forgery(line) for line in lines]
    asked = ask_node(node, node_modules, lines, "forgeries")
    # Only for this process: node reserves far more.
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    readings = {
        "python": [read_python(one.document, one.encoding) for one in forgeries],
        "javascript": [(None, "never ends") if one is None else (one.get("read"), one.get("refused")) for one in asked],
    }
    faults = []
    for reader, found in readings.items():
        intact = {one.encoding: reading for one, (reading, _) in zip(forgeries, found) if one.name == INTACT}
        for one, (reading, reason) in zip(forgeries, found):
            details = f"{shown(reading, reason)}\n    {PEERS.get(one.encoding, 'ion-rs')} {shown(one.reported, one.reason)}"
            if reading != one.reported and not is_known(reader, one, details):
                faults.append((reader, one, details))
            if one.verdict == "Proved" and one.name not in PROVED and reading != intact[one.encoding]:
                faults.append((reader, one, f"proved, and it reads {shown(reading, reason)}"))
    for reader, one, details in faults[:40]:
        print(f"FAILED {reader}, {one.encoding}, {one.name!r}, {one.verdict}: {details[:SHOWN]}")
    count = collections.Counter(one.verdict for one in forgeries)
    print(f"{'FAILED' if faults else 'ok    '} {len(forgeries)} forgeries by other readers: {dict(count)}")
    return 1 if faults or len(forgeries) < FEWEST else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
