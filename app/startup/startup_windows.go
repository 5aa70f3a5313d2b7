package startup

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// Keys below HKEY_CURRENT_USER.
const (
	runKey = `Software\Microsoft\Windows\CurrentVersion\Run`
	// approvedKey holds what the user turned off in the task manager: the first byte
	// of a value is then odd.
	approvedKey = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`
	linksKey    = `Software\Classes\adit`
	commandKey  = linksKey + `\shell\open\command`
)

// runValue is the value's name in runKey.
const runValue = "Adit"

func putLogin(exe string, args []string) error {
	if err := set(runKey, runValue, windows.ComposeCommandLine(append([]string{exe}, args...))); err != nil {
		return err
	}
	return unset(approvedKey, runValue)
}

func removeLogin() error {
	return errors.Join(unset(runKey, runValue), unset(approvedKey, runValue))
}

func hasLogin() (bool, error) {
	command, err := get(runKey, runValue)
	if err != nil || command == "" {
		return false, err
	}
	key, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.QUERY_VALUE)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer key.Close()
	state, _, err := key.GetBinaryValue(runValue)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return len(state) == 0 || state[0]&1 == 0, err
}

// putLinks writes what Windows wants to know of a URI scheme. The link itself is
// quoted: Windows puts it in as it is, and browsers write a quote in it as %22.
func putLinks(exe string) error {
	return errors.Join(
		set(linksKey, "", "URL:Adit"),
		set(linksKey, "URL Protocol", ""),
		set(commandKey, "", fmt.Sprintf(`"%s" %s "%%1"`, exe, linkFlag)),
	)
}

func hasLinks() (bool, error) {
	command, err := get(commandKey, "")
	return command != "", err
}

// get returns a value, "" where there is none.
func get(path, name string) (string, error) {
	key, err := registry.OpenKey(registry.CURRENT_USER, path, registry.QUERY_VALUE)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer key.Close()
	value, _, err := key.GetStringValue(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return value, err
}

func set(path, name, value string) error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.SET_VALUE)
	if err != nil {
		return err
	}
	return errors.Join(key.SetStringValue(name, value), key.Close())
}

func unset(path, name string) error {
	key, err := registry.OpenKey(registry.CURRENT_USER, path, registry.SET_VALUE)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer key.Close()
	if err := key.DeleteValue(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
