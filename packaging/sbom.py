#!/usr/bin/env python3
"""Prints a released binary's bill of materials, as a CycloneDX 1.5 document: each linked crate with its version,
licence, dependencies, and its SHA-256 from Cargo.lock.

    packaging/sbom.py TARGET

The same commit makes the same document.
"""

import datetime
import json
import re
import subprocess
import sys
import uuid

from commit import ROOT, epoch

PROGRAM = "qldb-export"


def metadata(target):
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    return json.loads(subprocess.check_output(command, cwd=ROOT))


def checksums():
    """The SHA-256 of each crate, by name and version."""
    entries = (ROOT / "Cargo.lock").read_text().split("[[package]]")
    found = {}
    for entry in entries:
        members = dict(re.findall(r'^(name|version|checksum) = "(.*)"$', entry, re.MULTILINE))
        if "checksum" in members:
            found[members["name"], members["version"]] = members["checksum"]
    return found


def linked(resolved, root):
    """The dependencies of each package that is linked into the binary, without those of build scripts and tests."""
    nodes = {node["id"]: node for node in resolved["nodes"]}
    found, waiting = {}, [root]
    while waiting:
        package = waiting.pop()
        if package not in found:
            on = [one["pkg"] for one in nodes[package]["deps"] if any(kind["kind"] is None for kind in one["dep_kinds"])]
            found[package] = on
            waiting += on
    return found


def reference(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package, sums):
    described = {
        "type": "library",
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(package),
    }
    if package.get("license"):
        # A slash is an older way to write OR.
        described["licenses"] = [{"expression": re.sub(r"\s*/\s*", " OR ", package["license"])}]
    checksum = sums.get((package["name"], package["version"]))
    if checksum:
        described["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return described


def document(target):
    found = metadata(target)
    packages = {package["id"]: package for package in found["packages"]}
    root = next(package["id"] for package in found["packages"] if package["name"] == PROGRAM)
    on, sums = linked(found["resolve"], root), checksums()
    ordered = sorted(on, key=lambda package: reference(packages[package]))
    moment = datetime.datetime.fromtimestamp(epoch(), datetime.timezone.utc)
    program = component(packages[root], sums) | {"type": "application"}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{reference(packages[root])}?{target}&{epoch()}')}",
        "version": 1,
        "metadata": {
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": program,
            "properties": [{"name": "target", "value": target}],
        },
        "components": [component(packages[package], sums) for package in ordered if package != root],
        "dependencies": [
            {"ref": reference(packages[package]), "dependsOn": sorted({reference(packages[one]) for one in on[package]})}
            for package in ordered
        ],
    }


def text(target):
    return json.dumps(document(target), indent=2) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.stdout.write(text(sys.argv[1]))
