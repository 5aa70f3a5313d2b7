package spend

import "context"

// CrashAt has a Run of c fail where crash says.
func CrashAt(c Config, crash func(step string, done bool) error) Config {
	c.crash = crash
	return c
}

// FakeProgram is a wallet program that a test makes up.
type FakeProgram = func(ctx context.Context, use func(ctx context.Context, w Wallet) error) error

// DriveBy has a Run of c use a made-up program.
func DriveBy(c Config, run FakeProgram) Config {
	c.drive = func(Config, installed, Order) driver { return fakeDriver{run} }
	return c
}

type fakeDriver struct{ run FakeProgram }

func (d fakeDriver) Run(ctx context.Context, _ func(string), use func(context.Context, Wallet) error) error {
	return d.run(ctx, use)
}

func (d fakeDriver) OpenWindow(context.Context) error { return nil }
