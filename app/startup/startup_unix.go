//go:build !windows

package startup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

const mac = runtime.GOOS == "darwin"

// loginFile is the file whose being there makes the system start Adit.
func loginFile() (string, error) {
	if mac {
		home, err := os.UserHomeDir()
		return filepath.Join(home, "Library", "LaunchAgents", id+".plist"), err
	}
	config, err := os.UserConfigDir()
	return filepath.Join(config, "autostart", id+".desktop"), err
}

func putLogin(exe string, args []string) error {
	path, err := loginFile()
	if err != nil {
		return err
	}
	if mac {
		return put(path, launchAgent(exe, args))
	}
	return put(path, autostart(exe, args))
}

func removeLogin() error {
	path, err := loginFile()
	if err != nil {
		return err
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func hasLogin() (bool, error) {
	path, err := loginFile()
	if err != nil {
		return false, err
	}
	text, err := read(path)
	return text != "" && !turnedOff(text), err
}

// linkFile describes Adit as a program for links. It is not the file of an installed
// Adit, which this one must not hide.
const linkFile = id + "-link.desktop"

func linkPath() (string, error) {
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) { // else to be ignored, says the specification
		return filepath.Join(data, "applications", linkFile), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share", "applications", linkFile), err
}

// putLinks describes the program first and chooses it then: after a crash in between
// nothing is chosen that is not there.
func putLinks(exe string) error {
	if mac {
		return ErrPackaged
	}
	path, err := linkPath()
	if err != nil {
		return err
	}
	if err := put(path, linkProgram(exe)); err != nil {
		return err
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return err
	}
	chosen := filepath.Join(config, "mimeapps.list")
	text, err := read(chosen)
	if err != nil {
		return err
	}
	return put(chosen, associate(text))
}

func hasLinks() (bool, error) {
	path, err := linkPath()
	if mac || err != nil {
		return false, err
	}
	text, err := read(path)
	return text != "", err
}

// read returns a file's text, "" where there is none.
func read(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(text), err
}

// put makes path a file with that text, in one step, unless it is one already. A
// link to a file stays a link.
func put(path, text string) (err error) {
	if old, err := read(path); err == nil && old == text {
		return nil
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
