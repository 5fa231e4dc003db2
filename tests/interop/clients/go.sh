#!/usr/bin/env bash
# Builds client.go with Debian's Go and Debian's AWS SDK for Go, and prints the program's path.
#
#   clients/go.sh FOLDER
#
# Both are unpacked into FOLDER instead of being installed, which needs no root and leaves an installed Go alone. The
# versions are those of the Debian release; if they change, FOLDER is created again.
set -euo pipefail

folder=$1
client=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/client.go
sdk=golang-github-aws-aws-sdk-go-dev

# The metapackage depends on the release's version of Go.
compiler() {
    apt-cache depends golang-go 2>/dev/null | sed -n 's/^ *Depends: \(golang-[0-9.]*-go\)$/\1/p'
}

go=$(compiler)
if [[ -z $go ]]; then
    # There are no package lists yet, as on a new machine.
    apt-get update -qq >&2
    go=$(compiler)
fi
packages=("$go" "${go%-go}-src" "$sdk" golang-github-jmespath-go-jmespath-dev)
versions=$(apt-cache policy "${packages[@]}" | grep -E '^[a-z]|Candidate:')

if [[ "$(cat "$folder/versions" 2>/dev/null)" != "$versions" ]]; then
    echo "unpacking $go and $sdk into $folder" >&2
    rm -rf "$folder"
    mkdir -p "$folder/packages"
    (cd "$folder/packages" && apt-get download -qq -o APT::Sandbox::User=root "${packages[@]}" >&2)
    for package in "$folder"/packages/*.deb; do
        # Only what the client needs: three of 180 services.
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$folder" --wildcards \
            --exclude='*/go-*/test/*' --exclude='*/go-*/api/*' --exclude='*_test.go' --exclude='*/testdata/*' \
            --exclude='*/aws-sdk-go/service/[!qs]*' --exclude='*/aws-sdk-go/service/s[!st]*' \
            --exclude='*/share/doc/*'
    done
    rm -r "$folder/packages"
    # Written last, so that an interrupted unpacking is repeated.
    echo "$versions" >"$folder/versions"
fi

root=$(echo "$folder"/usr/lib/go-*)
GOROOT=$root GOPATH=$folder/usr/share/gocode GO111MODULE=off GOTOOLCHAIN=local GOFLAGS= GOCACHE=$folder/cache CGO_ENABLED=0 \
    "$root/bin/go" build -o "$folder/client" "$client"
echo "$folder/client"
