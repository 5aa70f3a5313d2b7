#!/usr/bin/env bash
# Builds adit.exe on Linux, and with "test" runs it and the tests of what Windows does
# its own way under wine. The program has a window, so Windows gives it no console; its
# commands print into files, pipes, and the console that they were typed in.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOOS=windows GOARCH=amd64
mingw=x86_64-w64-mingw32-gcc

build() {
	# The first build takes minutes: one file of OpenGL's bindings is most of it.
	CGO_ENABLED=1 CC=$mingw nice -n 19 go build -ldflags '-H=windowsgui -s -w' -o bin/windows/adit.exe ./app
	$mingw -shared -s -O2 -o bin/windows/bcryptprimitives.dll packaging/windows/bcryptprimitives.c -ladvapi32
}

# Packages whose tests touch processes, files, locks, the registry or the hardware.
packages="./miners ./miners/install ./miners/durable ./miners/choice ./miners/cpuminer ./wallet
	./hwdetect/... ./app/settings ./app/instance ./app/startup ./app/bundle ./app/doctor ./app/manners"

# unit runs the tests of packages, compiled for Windows, in a wine of their own.
# Wine 8 says "not implemented" of a way to delete files for which Go has another way
# if Windows says "not supported"; the tests' copy of Go takes one for the other.
unit() {
	local dir source=internal/syscall/windows/at_windows.go
	dir=$(mktemp -d)
	export WINEPREFIX=$dir/prefix WINEDEBUG=-all WINEDLLOVERRIDES=mscoree,mshtml= DISPLAY=
	trap "wineserver --kill --wait || true; rm -rf '$dir'" RETURN EXIT
	wineboot --init >/dev/null 2>&1
	cp bin/windows/bcryptprimitives.dll "$WINEPREFIX/drive_c/windows/system32/"
	source=$(go env GOROOT)/src/$source
	sed 's/STATUS_NOT_SUPPORTED:/STATUS_NOT_SUPPORTED, NTStatus(0xC0000002):/' "$source" >"$dir/at.go"
	echo "{\"Replace\":{\"$source\":\"$dir/at.go\"}}" >"$dir/overlay.json"
	# By way of a file: wine's own processes would hold a pipe open.
	cat >"$dir/run" <<-'END'
		#!/bin/sh
		out=$(mktemp)
		wine "$@" >"$out" 2>&1
		status=$?
		cat "$out"
		rm "$out"
		exit $status
	END
	chmod +x "$dir/run"
	CGO_ENABLED=0 go test -overlay "$dir/overlay.json" -exec "$dir/run" $packages
}

build
if [ "${1:-}" = test ]; then
	unit
	mkdir -p artifacts
	env -u GOOS -u GOARCH CGO_ENABLED=0 ADIT_BIN="$PWD/bin" ADIT_ARTIFACTS="$PWD/artifacts" \
		go test -tags wine -count=1 -timeout 20m -v -run TestTheWindowsBuild ./packaging/e2e/
fi
