package durable

// Patiently is patiently.
func Patiently(do func() error, barred func(error) bool) error { return patiently(do, barred) }

// Barred is barred.
func Barred(err error) bool { return barred(err) }
