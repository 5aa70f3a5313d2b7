#!/usr/bin/env bash
# Installs the system packages that Adit is built and tested with, by name, on
# Debian and Ubuntu. Elsewhere it names what is missing and goes on.
#   setup.sh build   what the app needs to compile
#   setup.sh test    the daemons and the virtual display of the tests
#   setup.sh windows the compiler for Windows, and wine to run what it makes
#   setup.sh arm64   the compiler and the libraries for Linux on arm64, and qemu
set -euo pipefail

build="gcc pkg-config libc6-dev libgl1-mesa-dev libx11-dev libxcursor-dev libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev libxkbcommon-dev libwayland-dev"
display="xvfb xauth xdotool imagemagick openbox x11-utils libgl1-mesa-dri"
tests="litecoind litecoin-qt electrum postgresql redis-server clamav-daemon dbus-daemon 7zip poppler-utils zbar-tools $display"
windows="gcc-mingw-w64-x86-64-win32 wine wine64 $display"
arm64="gcc-aarch64-linux-gnu qemu-user-static"
for p in libgl1-mesa libx11 libxcursor libxrandr libxinerama libxi libxxf86vm libxkbcommon libwayland; do
	arm64="$arm64 $p-dev:arm64"
done

case "${1:-}" in
build) packages=$build ;;
test) packages="$build $tests" ;;
windows) packages=$windows ;;
arm64) packages=$arm64 ;;
*) echo "usage: setup.sh build|test|windows|arm64" >&2; exit 2 ;;
esac

if ! command -v go >/dev/null; then
	echo "setup: Go 1.26 or newer is needed: https://go.dev/dl/" >&2
	exit 1
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	echo "setup: this is not Debian or Ubuntu; please see that the equivalents of these packages are installed: $packages" >&2
	exit 0
fi

missing=()
for p in $packages; do
	dpkg-query -W -f='${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		echo "setup: run as root, or install sudo, or install by hand: ${missing[*]}" >&2
		exit 1
	}
	root=(sudo)
fi
echo "setup: installing ${missing[*]}"
apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=900)
[ "$1" != arm64 ] || "${root[@]}" dpkg --add-architecture arm64
"${apt[@]}" update
"${apt[@]}" install -y --no-install-recommends "${missing[@]}"
