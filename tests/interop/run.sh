#!/usr/bin/env bash
# Drives the built binary with the real AWS CLI and checks what it exports with Python; then exports into moto's S3.
#
#   tests/interop/run.sh [BINARY]      BINARY: target/debug/qldb-export unless given
#   tests/interop/run.sh --venv-only   only makes the virtual environment
#
# Needs cargo, python3 with venv, and PyPI the first time: awscli 1.42.60 is the last that knows QLDB.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
binary=${1:-${CARGO_TARGET_DIR:-$root/target}/debug/qldb-export}
target=${CARGO_TARGET_DIR:-$root/target}
venv=$target/interop-venv
moto=$target/interop-moto-venv

if [[ $binary != --venv-only && ! -x $binary ]]; then
    echo "no binary at $binary: run cargo build first, or name one" >&2
    exit 2
fi

# make_venv DIRECTORY PACKAGE...: the list inside is written last, so that one that was cut off is made again.
make_venv() {
    local directory=$1
    shift
    [[ "$(cat "$directory/packages" 2>/dev/null)" != "$*" ]] || return 0
    echo "making $directory with $*"
    rm -rf "$directory"
    python3 -m venv "$directory"
    "$directory/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    echo "$*" >"$directory/packages"
}

# Apart, because the AWS CLI pins an old botocore.
make_venv "$venv" awscli==1.42.60 amazon.ion==0.9.3 ionhash==1.2.1
make_venv "$moto" "moto[server]==5.2.5"

[[ $binary == --venv-only ]] && exit 0

# The readers of Ion against those of others: ion-js where node is there.
modules=
if command -v npm >/dev/null; then
    modules=$target/interop-node/node_modules
    [[ -d $modules/ion-js ]] || npm install --silent --no-fund --no-audit --prefix "$target/interop-node" ion-js@5.2.1
fi
(cd "$root" && cargo build --locked --quiet -p qldb-journal --example ion)
"$venv/bin/python" "$root/tests/interop/readers.py" "$target/debug/examples/ion" ${modules:+"$modules"}
"$venv/bin/python" "$root/tests/interop/interop.py" "$binary" "$venv/bin/aws"
"$venv/bin/python" "$root/tests/interop/migration.py" "$binary" "$venv/bin/aws"
exec "$moto/bin/python" "$root/tests/interop/s3.py" "$binary"
