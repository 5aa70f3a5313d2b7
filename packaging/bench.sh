#!/usr/bin/env bash
# Prints the project's figures: hashes, checks, share log and ledger by their Go
# benchmarks, then the built programs under load. One run, one machine.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=1
go test -tags ci -run '^$' -bench . -benchtime 1s ./miners/pow ./pool-server/work ./pool-server/stratum ./pool-server/sharelog ./pool-server/ledger
ADIT_BIN=$PWD/bin go test -run '^$' -bench . -skip '^BenchmarkApp' -benchtime 1x -timeout 20m ./packaging/e2e
