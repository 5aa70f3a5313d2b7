package durable

import "time"

// How long a file that somebody else has open is waited for.
const (
	patience     = 2 * time.Second
	firstPause   = 10 * time.Millisecond
	longestPause = 250 * time.Millisecond
)

// patiently does what somebody else may bar for a moment, again and again until it is
// done, fails otherwise, or patience has passed.
func patiently(do func() error, barred func(error) bool) error {
	err, waited := do(), time.Duration(0)
	for pause := firstPause; barred(err) && waited < patience; pause = min(2*pause, longestPause) {
		time.Sleep(pause)
		waited += pause
		err = do()
	}
	return err
}
