#!/usr/bin/env bash
# Prints the app's figures: its first share, what the window costs, what mining loses
# under the app, how fast output is read. It asserts nothing, and says something only
# about a machine that does nothing else meanwhile: it takes about ten minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg), $(nproc) processors"
ADIT_BIN=$PWD/bin CGO_ENABLED=0 go test -run '^$' -bench "${1:-^BenchmarkApp}" -benchtime 1x -timeout 30m ./packaging/e2e
