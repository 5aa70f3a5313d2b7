//go:build !windows

package startup

// What other systems than the test's write, for its tests.
var (
	Associate   = associate
	ExecLine    = execLine
	LaunchAgent = launchAgent
)
