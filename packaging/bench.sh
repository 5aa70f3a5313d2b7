#!/usr/bin/env bash
# Prints the project's figures: hashes, checks, share log and ledger by their Go
# benchmarks, then the built programs under load, and last a table of the figures that
# the pool's front door has bars for. One run, one machine: nothing else should run on it.
# BARS=1 prints that table only.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=1
if [ -z "${BARS:-}" ]; then
  go test -tags ci -run '^$' -bench . -benchtime 1s ./miners/pow ./pool-server/work ./pool-server/stratum ./pool-server/sharelog ./pool-server/ledger
  go test -tags ci -run '^$' -bench PlanFor100000Accounts -benchtime 1x ./pool-server/payouts
  ADIT_BIN=$PWD/bin go test -run '^$' -bench . -skip '^Benchmark(App|Bars)' -benchtime 1x -timeout 20m ./packaging/e2e
fi
ADIT_BIN=$PWD/bin go test -run '^$' -bench '^BenchmarkBars$' -benchtime 1x -timeout 20m ./packaging/e2e
