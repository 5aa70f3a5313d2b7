#!/usr/bin/env bash
# Builds the pool server for every system that it is made for, without C, and
# compiles the app's packages that have no window.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for target in linux/arm64 windows/amd64 darwin/arm64; do
	echo "cross $target"
	CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} go build -o "$out/" ./pool-server/... ./miners/... ./wallet/... ./hwdetect/... ./app/model/... ./app/settings/...
done
