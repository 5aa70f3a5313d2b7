//go:build race

package bubble

// RaceDetector says whether this is a program with the race detector in it.
const RaceDetector = true
