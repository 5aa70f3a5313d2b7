# The two commands that matter: `make demo` sets up and runs everything on this
# machine, `make test` sets up and passes every test.

# One setting of each for build, test and vet alike: another one compiles Fyne's
# C code again, for minutes. The server needs no C compiler at all.
export GOFLAGS := -trimpath
export GOTOOLCHAIN := local
APP    := CGO_ENABLED=1 go
SERVER := CGO_ENABLED=0 go
TEST   := CGO_ENABLED=1 go
FUZZTIME ?= 300x
ARTIFACTS := $(CURDIR)/artifacts
# Tests use the built programs, keep their pictures, and fail rather than skip when
# a daemon or the virtual display is missing.
REAL := ADIT_REQUIRE_DAEMONS=1 ADIT_BIN=$(CURDIR)/bin ADIT_ARTIFACTS=$(ARTIFACTS)

.PHONY: demo test together lint build setup setup-test view money alone race wallet-long e2e fuzz fuzz-long cross cross-all windows setup-windows arm64 bench bench-app soak chaos clean

demo: build
	packaging/demo.sh

# Fyne brings a font of pictures that Adit does not use: without it the app is smaller
# by four megabytes on the disk and by thirty in memory.
build: setup
	$(APP) build -tags no_emoji -ldflags '-s -w' -o bin/adit ./app
	$(SERVER) build -ldflags '-s -w' -o bin/adit-pool ./pool-server

setup:
	packaging/setup.sh build

setup-test:
	packaging/setup.sh test

test: setup-test build lint view alone race together
	@echo "all tests passed"

# The end-to-end tests wait for daemons and windows most of the time: what only computes
# runs beside them, with what they leave of the processors.
together: build
	@nice -n 10 $(MAKE) --no-print-directory money fuzz cross & computing=$$!; \
	failed=0; $(MAKE) --no-print-directory e2e || failed=$$?; \
	wait $$computing || failed=$$?; exit $$failed

lint: setup
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	$(TEST) vet -tags ci ./...
	$(TEST) tool staticcheck -tags ci ./...

# View tests run anywhere: no C compiler, no display.
view:
	CGO_ENABLED=0 go test ./app/view/... ./app/model/... ./app/settings/...

# Samples of the crash tables of blocks and payments, on a fake chain and on real daemons
# and databases (make chaos runs all of both), and the ledger in SQLite and PostgreSQL.
# Under the race detector a smaller sample of the first runs, and the ledger in SQLite.
money:
	$(REAL) $(SERVER) test ./pool-server/payouts/... ./pool-server/ledger/

# What computes much and has no goroutine: keys, words and passphrases, the paper sheet
# with a hundred bad photographs of it, 7z. Under the race detector it would take minutes,
# and the app's tests that need a passphrase are skipped there.
ALONE := ./wallet ./wallet/bip32 ./wallet/bip38 ./wallet/bip39 ./wallet/paper ./miners/install/sevenzip
alone: build
	$(REAL) $(SERVER) test -tags ci $(ALONE)
	$(REAL) $(SERVER) test -tags ci -run 'Key|Sheet|Backup' ./app

# Everything but the end-to-end tests, under the race detector; not app/view and ALONE,
# which have no goroutine and were tested above. The tag ci leaves the display driver out of
# the app; its window test runs the built program. Four packages at a time: many wait for
# a daemon. SQLite itself, which is C turned into Go, is left out of the detector: with it
# each statement takes twenty times as long, and nothing of ours is looked at more closely.
# Only that package: one that uses generics of the library would bring its own copies of
# these, without the detector, to all.
race: build
	mkdir -p $(ARTIFACTS)
	$(REAL) ADIT_LEDGER_ONLY_SQLITE=1 $(TEST) test -race -tags ci '-gcflags=modernc.org/sqlite/lib=-race=false' -p 4 -timeout 15m $$(go list ./... | grep -v -e /packaging/e2e -e /payouts/matrix -e /app/view $(patsubst ./%,-e '/%$$',$(ALONE)))

# What takes minutes of the wallet: 100,000 keys against btcd and litecoind, every text
# of BIP 38 in both directions.
wallet-long: setup-test
	ADIT_WALLET_LONG=1 ADIT_REQUIRE_DAEMONS=1 $(SERVER) test -count=1 -timeout 60m -v ./wallet/...
	ADIT_WALLET_LONG=1 ADIT_REQUIRE_DAEMONS=1 $(SERVER) test -count=1 -timeout 60m -v -run Thousands ./pool-server/node/

# The built binaries against real daemons, a real window, real crashes.
e2e: build
	mkdir -p $(ARTIFACTS)
	$(REAL) $(TEST) test -count=1 -timeout 20m -parallel 6 -v ./packaging/e2e/

# Every fuzz target for a short time; fuzz-long is the campaign.
fuzz:
	FUZZTIME=$(FUZZTIME) packaging/fuzz.sh

fuzz-long:
	FUZZ_ALL=1 FUZZTIME=10m packaging/fuzz.sh

# Everything but the window compiles without C for every system it is made for.
cross:
	packaging/cross.sh

cross-all:
	packaging/cross.sh all

# adit.exe, made here and driven under wine; minutes of C the first time.
windows: setup-windows
	$(SERVER) build -ldflags '-s -w' -o bin/adit-pool ./pool-server
	packaging/windows.sh test

setup-windows:
	packaging/setup.sh windows

# adit for Linux on arm64, made here and run under qemu.
arm64:
	packaging/setup.sh arm64
	packaging/arm64.sh

bench: build
	packaging/bench.sh

bench-app: build
	packaging/bench_app.sh

# A day's output of a mining program through the window, and a day's jobs, blocks and
# reconnects through the stratum server, in so many minutes each.
SOAK_MINUTES ?= 10
soak: build
	mkdir -p $(ARTIFACTS)
	SOAK_MINUTES=$(SOAK_MINUTES) $(REAL) $(TEST) test -count=1 -p 1 -timeout 24h -v -run ADayDoesNotFatten ./packaging/e2e/ ./pool-server/stratum/load/

# Bad networks between miners and pool for so long, and once, for a minute, between pool
# and daemon as well; a hundred kills with each durability; and so many random lives of a
# pool on real daemons, with each database, after the whole crash table, and ten times as
# many on a fake chain. What the lives came to is printed: nobody is paid twice.
CHAOS_SECONDS ?= 120
MONEY_RUNS ?= 100
chaos: build
	ADIT_CHAOS_SECONDS=$(CHAOS_SECONDS) $(TEST) test -race -count=1 -timeout 1h -v -run BadWeather ./pool-server/stratum/load/
	ADIT_CHAOS_SECONDS=$(CHAOS_SECONDS) ADIT_KILLS=100 $(REAL) $(TEST) test -count=1 -timeout 1h -v -run 'BadWeather|SurvivesKill9' ./packaging/e2e/
	ADIT_MONEY_RUNS=$(MONEY_RUNS) $(REAL) $(SERVER) test -count=1 -timeout 3h -v ./pool-server/payouts/matrix/
	ADIT_MONEY_RUNS=$(MONEY_RUNS) $(SERVER) test -count=1 -timeout 1h -v -run 'NoOrder|Window' ./pool-server/payouts/
	ADIT_MONEY_RUNS=$(MONEY_RUNS)0 $(SERVER) test -count=1 -timeout 1h -v -run 'RandomLives|EveryStep' ./pool-server/payouts/

clean:
	rm -rf bin artifacts demo
