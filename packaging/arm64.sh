#!/usr/bin/env bash
# Builds adit for Linux on arm64, and runs its commands under qemu.
set -euo pipefail
cd "$(dirname "$0")/.."
libraries=/usr/lib/aarch64-linux-gnu
CGO_ENABLED=1 GOOS=linux GOARCH=arm64 CC=aarch64-linux-gnu-gcc \
	PKG_CONFIG_LIBDIR=$libraries/pkgconfig:/usr/share/pkgconfig \
	nice -n 19 go build -ldflags '-s -w' -o bin/linux-arm64/adit ./app

# qemu takes the C library from the cross compiler, the rest from its own folder.
adit() { LD_LIBRARY_PATH=$libraries qemu-aarch64-static bin/linux-arm64/adit "$@"; }
adit version | grep -q 'linux/arm64'
adit devices --json | grep -q '"kind": "cpu"'
echo "bin/linux-arm64/adit runs"
