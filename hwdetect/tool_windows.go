package hwdetect

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// findTool finds a tool in the path or in the folder of NVIDIA's older drivers.
func findTool(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		return path, nil
	}
	old := filepath.Join(os.Getenv("ProgramW6432"), "NVIDIA Corporation", "NVSMI", name+".exe")
	if _, errOld := os.Stat(old); errOld != nil || !filepath.IsAbs(old) {
		return "", err
	}
	return old, nil
}

// hideWindow keeps a console from flashing up.
func hideWindow(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true}
}
