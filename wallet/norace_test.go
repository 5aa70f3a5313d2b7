//go:build !race

package wallet_test

// raceDetector says that arithmetic takes ten times as long.
const raceDetector = false
