#!/usr/bin/env bash
# The demo: a coin, a pool with its website, and the app, all on this machine, until
# Ctrl-C. Everything it makes is in ./demo; remove that folder to start anew.
# ADIT_DEMO_HTTP and ADIT_DEMO_STRATUM choose other ports.
set -euo pipefail
cd "$(dirname "$0")/.."
http=${ADIT_DEMO_HTTP:-127.0.0.1:8080}
stratum=${ADIT_DEMO_STRATUM:-127.0.0.1:3333}
mkdir -p demo

bin/adit-pool demo --dir demo/pool --http "$http" --stratum "$stratum" 2>demo/pool.log &
pool=$!
app=
# Ctrl-C reaches all three of us: see that the others are gone, then go.
finish() {
	trap - INT TERM EXIT
	for p in $app $pool; do kill "$p" 2>/dev/null || true; done
	for p in $app $pool; do wait "$p" 2>/dev/null || true; done
}
trap 'finish; exit 0' INT TERM
trap finish EXIT

up() { (exec 3<>"/dev/tcp/${http%:*}/${http##*:}") 2>/dev/null; }
for _ in $(seq 100); do
	up && break
	kill -0 $pool 2>/dev/null || { cat demo/pool.log; echo "demo: the pool did not start, see above"; exit 1; }
	sleep 0.2
done

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
	echo "demo: opening the app; Ctrl-C here ends everything"
	bin/adit --pool "http://$http" --start --data demo/app &
else
	echo "demo: there is no display, so the app mines without its window (on a desktop, make demo opens it)"
	echo "demo: look at http://$http in a browser; Ctrl-C ends everything"
	bin/adit mine --pool "http://$http" --data demo/app &
fi
app=$!
wait "$app" || true
echo "demo: the app has ended; the pool runs on at http://$http until Ctrl-C"
wait "$pool"
