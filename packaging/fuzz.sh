#!/usr/bin/env bash
# Runs every fuzz target of the project for FUZZTIME each: a number of executions
# such as 5000x, or a time; with FUZZ_ALL=1 each driver's own, too. (With short times
# Go's fuzzer sometimes ends with "context deadline exceeded" and no finding, so make
# test counts executions.) Each package is built once, and one is fuzzed per processor.
#   fuzz.sh                   all packages
#   fuzz.sh PACKAGE FILE...   these test files of one package
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=1

if [ $# -eq 0 ]; then
	go list -tags ci -f '{{.ImportPath}}{{range .XTestGoFiles}} {{$.Dir}}/{{.}}{{end}}{{range .TestGoFiles}} {{$.Dir}}/{{.}}{{end}}' ./... |
		while read -r package files; do
			[ -n "$files" ] || continue
			fuzzed=$(grep -l '^func Fuzz' $files || true)
			# In a short run one target stands for the drivers of all programs.
			[ -z "$fuzzed" ] || [ -n "${FUZZ_ALL:-}" ] || ! grep -q 'parsetest\.Fuzz(' $fuzzed || [[ $package == */app/programs ]] || continue
			[ -z "$fuzzed" ] || echo "$package" $fuzzed
		done | xargs -P "$(nproc)" -L 1 "$0"
	exit
fi

package=$1
shift
out=$(mktemp -d)
exec 3>&1 >"$out/said" 2>&1 # two packages talk at once
trap 'failed=$?; [ $failed -eq 0 ] || cat "$out/said" >&3; rm -rf "$out"; exit $failed' EXIT
go test -tags ci -c -fuzz . -o "$out/fuzz.test" "$package"
cache=$(go env GOCACHE)/fuzz/$package
targets=$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$@")
cd "$(dirname "$1")"
for target in $targets; do
	count=${FUZZTIME:-3000x}
	case $target in # these write a whole machine to the disk for each try
	FuzzSysfs | FuzzRecordedMachine) [ -n "${FUZZ_ALL:-}" ] || count=200x ;;
	esac
	"$out/fuzz.test" -test.run '^$' -test.fuzz "^$target\$" -test.fuzzcachedir "$cache" -test.fuzzminimizetime 10x -test.fuzztime "$count" -test.parallel 1
	echo "fuzzed $package $target" >&3
done
