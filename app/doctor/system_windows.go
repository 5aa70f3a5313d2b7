package doctor

import (
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// volumeOf looks at the file system that path is on.
func volumeOf(path string) (volume, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return volume{}, err
	}
	var v volume
	err = windows.GetDiskFreeSpaceEx(name, &v.Free, nil, nil)
	return v, err
}

// tellsModes says whether a file's mode tells who may do what with it: Windows has
// lists of rights instead, and the user's folder is the user's.
const tellsModes = false

// isAdministrator tells whether the app runs with all rights.
func isAdministrator() bool { return windows.GetCurrentProcessToken().IsElevated() }

// watchers tells which antivirus programs the system itself names. Windows' own is
// on unless the registry says that it is off.
func watchers() []string {
	const defender = `SOFTWARE\Microsoft\Windows Defender`
	if _, err := registry.OpenKey(registry.LOCAL_MACHINE, defender, registry.QUERY_VALUE); err != nil {
		return nil
	}
	if isSet(defender, "DisableAntiSpyware") || isSet(defender+`\Real-Time Protection`, "DisableRealtimeMonitoring") {
		return nil
	}
	return []string{"Microsoft Defender"}
}

func isSet(path, name string) bool {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer key.Close()
	value, _, err := key.GetIntegerValue(name)
	return err == nil && value != 0
}
