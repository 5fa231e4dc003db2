#!/usr/bin/env bash
# Builds client.go with Debian's Go and Debian's AWS SDK for Go, and prints the program's path.
#
#   clients/go.sh FOLDER
#
# Both are unpacked into FOLDER and not installed: an installed Go stays what it is, and nobody has to be root. The
# versions are those of the Debian release, which don't move within it; FOLDER is made anew when they do.
set -euo pipefail

folder=$1
client=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/client.go
sdk=golang-github-aws-aws-sdk-go-dev

# The metapackage names the release's Go.
compiler() {
    apt-cache depends golang-go 2>/dev/null | sed -n 's/^ *Depends: \(golang-[0-9.]*-go\)$/\1/p'
}

go=$(compiler)
if [[ -z $go ]]; then
    # Without lists of packages, as on a new machine.
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
        # What building a client needs: of 180 services, three.
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$folder" --wildcards \
            --exclude='*/go-*/test/*' --exclude='*/go-*/api/*' --exclude='*_test.go' --exclude='*/testdata/*' \
            --exclude='*/aws-sdk-go/service/[!qs]*' --exclude='*/aws-sdk-go/service/s[!st]*' \
            --exclude='*/share/doc/*'
    done
    rm -r "$folder/packages"
    # Written last, so that a folder that was cut off is made again.
    echo "$versions" >"$folder/versions"
fi

root=$(echo "$folder"/usr/lib/go-*)
GOROOT=$root GOPATH=$folder/usr/share/gocode GO111MODULE=off GOTOOLCHAIN=local GOFLAGS= GOCACHE=$folder/cache CGO_ENABLED=0 \
    "$root/bin/go" build -o "$folder/client" "$client"
echo "$folder/client"
