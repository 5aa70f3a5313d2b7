// Package e2e holds the tests of the built programs: bin/adit and bin/adit-pool,
// as they are shipped, against real coin daemons, over real TCP, with real
// crashes. The packages' own tests are beside the packages.
//
// ADIT_BIN names the folder of the programs (default: bin in the repository's root).
package e2e
