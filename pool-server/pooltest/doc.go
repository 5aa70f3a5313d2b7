// Package pooltest holds what the pool's tests need around the pool: a fake
// daemon that misbehaves on command, with answers recorded from real ones, a wallet
// for it, and harnesses that run the real litecoind, btcd and btcwallet on private
// chains. Tests import it, programs never do.
//
// Whatever is started ends with the test that started it. A harness whose program
// is missing skips the test and says what to install; with
// ADIT_REQUIRE_DAEMONS=1 it fails instead.
package pooltest
