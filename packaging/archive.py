#!/usr/bin/env python3
"""Makes a release archive: the binary with its documents, completions and manual pages. The same files always make the
same bytes, on any machine and at any time.

    packaging/archive.py BINARY TARGET FOLDER

BINARY was built for TARGET, such as x86_64-unknown-linux-musl. The archive is written to
FOLDER/qldb-export-VERSION-TARGET.tar.gz, or .zip for Windows, and its path is printed. The binary's bill of materials,
in CycloneDX, is written beside the archive and included in it. All times are SOURCE_DATE_EPOCH, or the commit's.
"""

import gzip
import io
import pathlib
import sys
import tarfile
import time
import zipfile

import sbom
from commit import ROOT, epoch, version

DOCUMENTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE-MIT", "LICENSE-APACHE")
# Folders, with their names in the archive.
FOLDERS = {"completions": "completions", "man": "man", "docs": "docs", "packaging/systemd": "systemd"}
KINDS = (".md", ".svg")
BILL = "qldb-export.cdx.json"


def members(binary, bill):
    """The archive's members by name: their bytes, and whether they are executable."""
    found = {name: (ROOT / name, False) for name in DOCUMENTS}
    for folder, place in FOLDERS.items():
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and (folder != "docs" or path.suffix in KINDS):
                found[f"{place}/{path.relative_to(ROOT / folder).as_posix()}"] = (path, False)
    found[binary.name] = (binary, True)
    files = {name: (path.read_bytes(), runs) for name, (path, runs) in found.items()}
    files[BILL] = (bill, False)
    return dict(sorted(files.items()))


def as_tar(name, files, moment):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for file, (content, runs) in files.items():
            member = tarfile.TarInfo(f"{name}/{file}")
            member.size, member.mtime, member.mode = len(content), moment, 0o755 if runs else 0o644
            archive.addfile(member, io.BytesIO(content))
    packed = io.BytesIO()
    # Without a name and a time in gzip's own header.
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=0) as stream:
        stream.write(raw.getvalue())
    return packed.getvalue()


def as_zip(name, files, moment):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, (content, runs) in files.items():
            member = zipfile.ZipInfo(f"{name}/{file}", time.gmtime(moment)[:6])
            member.create_system, member.compress_type = 3, zipfile.ZIP_DEFLATED
            member.external_attr = (0o755 if runs else 0o644) << 16
            archive.writestr(member, content)
    return packed.getvalue()


def main(binary, target, folder):
    name = f"qldb-export-{version()}-{target}"
    kind, pack = (".zip", as_zip) if "windows" in target else (".tar.gz", as_tar)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / (name + kind)
    bill = sbom.text(target).encode()
    (folder / f"{name}.cdx.json").write_bytes(bill)
    archive.write_bytes(pack(name, members(pathlib.Path(binary), bill), epoch()))
    print(archive)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
