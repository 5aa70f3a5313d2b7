package hwdetect

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

func addLiveRights(r *Rights) error {
	token := windows.GetCurrentProcessToken()
	elevated := token.IsElevated()
	no := false // programs would need a driver that Windows' own protection blocks
	r.Root, r.WriteMSR = &elevated, &no
	locks, err := holds(token, "SeLockMemoryPrivilege")
	if err != nil {
		return fmt.Errorf("the right to lock pages in memory: %w", err)
	}
	r.LockPages = &locks
	return nil
}

// holds reports whether a token has a privilege, be it switched on or not: a program
// may switch on what it holds.
func holds(token windows.Token, privilege string) (bool, error) {
	name, err := windows.UTF16PtrFromString(privilege)
	if err != nil {
		return false, err
	}
	var id windows.LUID
	if err := windows.LookupPrivilegeValue(nil, name, &id); err != nil {
		return false, err
	}
	var size uint32
	err = windows.GetTokenInformation(token, windows.TokenPrivileges, nil, 0, &size)
	if err != windows.ERROR_INSUFFICIENT_BUFFER {
		return false, err
	}
	buffer := make([]uint64, (size+7)/8) // aligned for the structure
	if err := windows.GetTokenInformation(token, windows.TokenPrivileges, (*byte)(unsafe.Pointer(&buffer[0])), uint32(len(buffer)*8), &size); err != nil {
		return false, err
	}
	for _, p := range (*windows.Tokenprivileges)(unsafe.Pointer(&buffer[0])).AllPrivileges() {
		if p.Luid == id {
			return true, nil
		}
	}
	return false, nil
}

func (Prober) mayRender(string) bool { return true }
