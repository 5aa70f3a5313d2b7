#!/usr/bin/env bash
# Installs the system packages that Adit is built and tested with, by name, on
# Debian and Ubuntu. Elsewhere it names what is missing and goes on.
#   setup.sh build   what the app needs to compile
#   setup.sh test    the daemons and the virtual display of the tests
set -euo pipefail

build="gcc pkg-config libc6-dev libgl1-mesa-dev libx11-dev libxcursor-dev libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev libxkbcommon-dev libwayland-dev"
tests="litecoind xvfb xauth xdotool imagemagick openbox x11-utils libgl1-mesa-dri"

case "${1:-}" in
build) packages=$build ;;
test) packages="$build $tests" ;;
*) echo "usage: setup.sh build|test" >&2; exit 2 ;;
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
	dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed || missing+=("$p")
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
"${apt[@]}" update
"${apt[@]}" install -y --no-install-recommends "${missing[@]}"
