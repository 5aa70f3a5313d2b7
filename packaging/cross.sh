#!/usr/bin/env bash
# Checks that everything but the window compiles, tests included, without a C compiler
# for every system that Adit is made for, and links the pool server there. Fyne needs
# C on a Mac in all of its packages, so what is built on it is left out everywhere;
# so are the end-to-end tests, which drive the built programs on Linux.
#   cross.sh        one processor of each system
#   cross.sh all    the others too
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0
targets="linux/arm64 windows/amd64 darwin/arm64"
[ "${1:-}" != all ] || targets="$targets windows/arm64 darwin/amd64"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

for target in $targets; do
	echo "cross $target"
	export GOOS=${target%/*} GOARCH=${target#*/}
	go list -tags ci -f '{{.ImportPath}} {{join .Deps " "}}' ./... |
		grep -v -e ' fyne\.io/' -e '/packaging/e2e ' | cut -d " " -f 1 | xargs go vet
	go build -o "$out/" ./pool-server
done
