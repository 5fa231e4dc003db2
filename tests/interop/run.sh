#!/usr/bin/env bash
# Drives the built binary with the real AWS CLI and checks what it exports with Python; then exports into moto's S3.
#
#   tests/interop/run.sh [BINARY]      BINARY: target/debug/qldb-export unless given
#   tests/interop/run.sh --venv-only   only makes the virtual environment
#
# Needs python3 with venv, and PyPI the first time: awscli 1.42.60 is the last that knows QLDB.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
binary=${1:-${CARGO_TARGET_DIR:-$root/target}/debug/qldb-export}
venv=${CARGO_TARGET_DIR:-$root/target}/interop-venv
packages=(awscli==1.42.60 amazon.ion==0.9.3 ionhash==1.2.1 "moto[server]==5.2.5")

if [[ $binary != --venv-only && ! -x $binary ]]; then
    echo "no binary at $binary: run cargo build first, or name one" >&2
    exit 2
fi

# The list inside is written last, so an environment that was cut off half-way is made again.
if [[ "$(cat "$venv/packages" 2>/dev/null)" != "${packages[*]}" ]]; then
    echo "making $venv with ${packages[*]}"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}"
    echo "${packages[*]}" >"$venv/packages"
fi

[[ $binary == --venv-only ]] && exit 0
"$venv/bin/python" "$root/tests/interop/interop.py" "$binary" "$venv/bin/aws"
exec "$venv/bin/python" "$root/tests/interop/s3.py" "$binary"
