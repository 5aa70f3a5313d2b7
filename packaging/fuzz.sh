#!/usr/bin/env bash
# Runs every fuzz target of the project for FUZZTIME each: a number of executions
# such as 5000x, or a time; with FUZZ_ALL=1 each driver's own, too. (With short times Go's fuzzer sometimes ends with
# "context deadline exceeded" and no finding, so make test counts executions.)
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=1
go list -tags ci -f '{{$p := .ImportPath}}{{$d := .Dir}}{{range .XTestGoFiles}}{{$p}} {{$d}}/{{.}}{{"\n"}}{{end}}{{range .TestGoFiles}}{{$p}} {{$d}}/{{.}}{{"\n"}}{{end}}' ./... |
	while read -r package file; do
		[ -n "$file" ] || continue
		# In a short run one target stands for the drivers of all programs.
		[ -n "${FUZZ_ALL:-}" ] || ! grep -q 'parsetest\.Fuzz(' "$file" || [[ $package == */app/programs ]] || continue
		sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file" | while read -r target; do
			echo "fuzz $package $target"
			count=${FUZZTIME:-3000x}
			case $target in # these write a whole machine to the disk for each try
			FuzzSysfs | FuzzRecordedMachine) [ -n "${FUZZ_ALL:-}" ] || count=200x ;;
			esac
			go test -tags ci -run '^$' -fuzz "^$target\$" -fuzzminimizetime 10x -fuzztime "$count" "$package" </dev/null
		done
	done
