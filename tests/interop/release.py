"""The contents of a release: archives with the same bytes from two folders, a bill of materials that CycloneDX's validator
accepts and that agrees with cargo, the addresses for `cargo binstall`, a container image, and reproducible builds.

    release.py BINARY

If buildah is installed, the image is built twice and inspected. Only the journal crate is built twice, with its
dependencies, among them C code: building the optimised program twice would take longer than all other tests, and is what
packaging/reproduce does.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from stage import main_guard

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = "x86_64-unknown-linux-musl"
WINDOWS = "x86_64-pc-windows-msvc"
# Its exit code says whether it runs as the right user, can read the certificates, and can write to the data folder.
PROBE = r"""
#include <stdio.h>
#include <unistd.h>
int main(void) {
    FILE *certificates = fopen("/etc/ssl/certs/ca-certificates.crt", "r"), *data = fopen("/data/file", "w");
    return (getuid() != 65532) + 2 * (certificates == NULL || fgetc(certificates) == EOF) + 4 * (data == NULL);
}
"""
MANIFEST = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]


def packed(root, binary, target, folder):
    command = [sys.executable, root / "packaging" / "archive.py", binary, target, folder]
    return pathlib.Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def cloned(folder):
    """The sources in another folder, with other times."""
    tracked = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")
    for name in filter(None, tracked):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


class Tests:
    def __init__(self, score, home, binary):
        self.check, self.home = score.check, home
        self.binary = home / "qldb-export"
        # Most of a test build is debug information.
        subprocess.run(["strip", "-o", self.binary, binary], check=True)
        # For the folder without git.
        os.environ["SOURCE_DATE_EPOCH"] = subprocess.check_output(
            ["git", "log", "-1", "--format=%ct"], cwd=ROOT, text=True
        ).strip()

    def archives(self):
        elsewhere = cloned(self.home / "elsewhere" / "sources")
        for target in (TARGET, WINDOWS):
            one = packed(ROOT, self.binary, target, self.home / "one")
            two = packed(elsewhere, self.binary, target, self.home / "two")
            self.check(f"{one.name}: the same bytes from two folders", sha256(one) == sha256(two))
        bills = [folder / f"{self.name(TARGET)}.cdx.json" for folder in (self.home / "one", self.home / "two")]
        self.check("the bill of materials: the same bytes", sha256(bills[0]) == sha256(bills[1]))
        with tarfile.open(self.home / "one" / f"{self.name(TARGET)}.tar.gz") as archive:
            inside = {name.split("/", 1)[1]: archive.getmember(name) for name in archive.getnames()}
            self.check("only the binary in it is executable", [name for name, member in inside.items() if member.mode & 0o111] == ["qldb-export"])
            listed = archive.extractfile(inside["qldb-export.cdx.json"]).read()
            self.check("it contains the bill of materials", listed == bills[0].read_bytes())
        self.bill(listed.decode())

    def bill(self, text):
        fault = JsonStrictValidator(SchemaVersion.V1_5).validate_str(text)
        self.check("CycloneDX's validator accepts the bill of materials", fault is None, fault)
        found = json.loads(text)
        listed = {component["purl"] for component in (*found["components"], found["metadata"]["component"])}
        tree = ["cargo", "tree", "--locked", "-p", MANIFEST["name"], "-e", "normal", "--target", TARGET, "--prefix", "none", "--format", "{p}"]
        lines = subprocess.check_output(tree, cwd=ROOT, text=True).splitlines()
        words = [line.split()[:2] for line in lines if line]
        linked = {f"pkg:cargo/{name}@{version.removeprefix('v')}" for name, version in words}
        self.check("every crate that cargo links is listed", len(linked) > 100 and linked <= listed, sorted(linked - listed))
        foreign = [one for one in found["components"] if not one["name"].startswith("qldb-")]
        complete = all(one.get("licenses") and one["hashes"][0]["content"] for one in foreign)
        self.check("each with its licence and SHA-256", complete)

    @staticmethod
    def name(target):
        return f"qldb-export-{MANIFEST['version']}-{target}"

    def binstall(self):
        """Checks the addresses below the repository's, which isn't known yet."""
        given = MANIFEST["metadata"]["binstall"]
        for target, kind, extension in ((TARGET, ".tar.gz", ""), (WINDOWS, ".zip", ".exe")):
            rule = given | given["overrides"].get(target, {})
            words = {
                "repo": "REPOSITORY", "name": MANIFEST["name"], "version": MANIFEST["version"], "target": target,
                "archive-suffix": {"tgz": ".tar.gz", "zip": ".zip"}[rule["pkg-fmt"]], "bin": "qldb-export", "binary-ext": extension,
            }  # fmt: skip
            url, inside = rule["pkg-url"], rule["bin-dir"]
            for name, value in words.items():
                url, inside = (text.replace("{ %s }" % name, value) for text in (url, inside))
            archive = self.name(target) + kind
            self.check(f"binstall finds {archive}", url == f"REPOSITORY/releases/download/v{MANIFEST['version']}/{archive}", url)
            self.check("and the binary in it", inside == f"{self.name(target)}/qldb-export{extension}", inside)

    def image(self):
        if shutil.which("buildah") is None:
            print("       buildah is not installed: the image is not built")
            return
        ids = []
        for number in range(2):
            folder = self.home / f"image-{number}"
            folder.mkdir()
            command = [ROOT / "packaging" / "image", self.binary, folder / "image.tar"]
            built = subprocess.run(command, capture_output=True, text=True, check=False)
            if not self.check("the image is built", built.returncode == 0, built.stderr):
                return
            ids.append(self.look_into(folder))
        self.check("two builds of the image are the same", ids[0] == ids[1], ids)

    def run_image(self):
        """Runs an image with a small static program, because the binary under test is not static."""
        if shutil.which("buildah") is None:
            return
        source, program, image = (self.home / name for name in ("probe.c", "probe", "probe.tar"))
        source.write_text(PROBE)
        subprocess.run(["cc", "-static", "-o", program, source], check=True)
        subprocess.run([ROOT / "packaging" / "image", program, image], capture_output=True, check=True)
        buildah = ["buildah", "--root", self.home / "store", "--runroot", self.home / "run", "--storage-driver", "vfs"]

        def said(*arguments):
            ended = subprocess.run([*buildah, *arguments], capture_output=True, text=True, check=False)
            return ended.stdout.strip() or ended.stderr

        container = said("from", "--quiet", f"oci-archive:{image}")
        # The exit code, because buildah can lose a program's last output.
        ran = subprocess.run([*buildah, "run", "--isolation", "chroot", container, "--", "/qldb-export"], check=False)
        said("rm", container)
        self.check("the image's program is not root, can read the certificates and can write its data", ran.returncode == 0, ran.returncode)

    def two_folders(self):
        """Other paths of sources, crates and output don't change the compiled bytes, debug information included."""
        elsewhere = self.home / "another folder" / "with sources"
        cloned(elsewhere)
        crates = self.home / "crates"
        crates.symlink_to(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
        host = re.search("^host: (.*)$", subprocess.check_output(["rustc", "-vV"], text=True), re.MULTILINE)[1]
        plain = [f"profile.dev.package.{name}.opt-level=0" for name in ("aws-lc-sys", "qldb-journal")]
        what = ["--package", "qldb-journal", "--lib", *(word for one in plain for word in ("--config", one))]
        built = []
        for root, output, more in ((ROOT, "output", {}), (elsewhere, "other/output", {"CARGO_HOME": str(crates)})):
            environment = os.environ | {"CARGO_TARGET_DIR": str(self.home / output)} | more
            command = [root / "packaging" / "build", host, "dev", *what]
            ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if not self.check(f"{root} is built", ended.returncode == 0, ended.stderr):
                return
            files = (pathlib.Path(ended.stdout.strip()) / "deps").glob("*.rlib")
            built.append({path.name: path for path in files})
        one, other = built
        self.check("two builds have the same crates", one.keys() == other.keys() and any("aws_lc_sys" in name for name in one), one.keys() ^ other.keys())
        differ = [name for name in one if sha256(one[name]) != sha256(other[name])]
        self.check("and the same bytes", not differ, differ)
        places = [str(place).encode() for place in (ROOT, self.home, pathlib.Path.home() / ".cargo")]
        found = [(name, place) for name, path in one.items() for place in places if place in path.read_bytes()]
        self.check("without a path of this machine", not found, found)

    def look_into(self, folder):
        """Checks the configuration and the layers of an OCI image. Returns the digest of its manifest."""
        with tarfile.open(folder / "image.tar") as archive:
            archive.extractall(folder, filter="data")

        def blob(descriptor):
            return folder / "blobs" / descriptor["digest"].replace(":", "/")

        (descriptor,) = json.loads((folder / "index.json").read_text())["manifests"]
        manifest = json.loads(blob(descriptor).read_text())
        config = json.loads(blob(manifest["config"]).read_text())["config"]
        files = {}
        for layer in manifest["layers"]:
            with tarfile.open(blob(layer)) as archive:
                files |= {member.name: member for member in archive}
        self.check("it runs as an unprivileged user", config["User"] == "65532:65532", config)
        self.check("and runs the binary", config["Entrypoint"] == ["/qldb-export"], config)
        held = sorted(name for name, member in files.items() if member.isfile())
        self.check("it contains the binary, the certificates and nothing else", held == ["etc/ssl/certs/ca-certificates.crt", "qldb-export"], held)
        data = files["data"]
        self.check("and a data folder that its user may write to", (data.uid, data.gid) == (65532, 65532), data)
        return descriptor["digest"]


def run(score):
    with tempfile.TemporaryDirectory(prefix="qldb-export-release-") as home:
        tests = Tests(score, pathlib.Path(home), sys.argv[1])
        tests.archives()
        tests.binstall()
        tests.image()
        tests.run_image()
        tests.two_folders()


if __name__ == "__main__":
    main_guard(run)
