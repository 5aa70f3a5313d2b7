//go:build !windows

package hwdetect

import "os/exec"

func findTool(name string) (string, error) { return exec.LookPath(name) }

func hideWindow(*exec.Cmd) {}
