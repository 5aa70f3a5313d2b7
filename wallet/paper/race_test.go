//go:build race

package paper_test

// underRace is true where all is ten times slower.
const underRace = true
