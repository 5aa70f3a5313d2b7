package miners

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A family is a job object: the program and what it starts itself. Windows ends
// all of a job when its last handle is closed, which it is when we die.
//
// A child that the program starts in the instant before adopt stays outside.
type family struct {
	job        windows.Handle
	hasConsole bool
}

// newFamily prepares cmd, which is not started yet. Without a console of our own
// the program gets none either, so that no window flashes up.
func newFamily(cmd *exec.Cmd) (*family, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, fmt.Errorf("create job object: %w", err)
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err != nil {
		windows.CloseHandle(job)
		return nil, fmt.Errorf("limit job object: %w", err)
	}
	_, err = windows.GetConsoleCP()
	f := &family{job: job, hasConsole: err == nil}
	flags := uint32(windows.CREATE_NEW_PROCESS_GROUP)
	if !f.hasConsole {
		flags |= windows.CREATE_NO_WINDOW
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: flags}
	return f, nil
}

// adopt takes the started process into the job.
func (f *family) adopt(p *os.Process) error {
	handle, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(p.Pid))
	if err != nil {
		return fmt.Errorf("open process: %w", err)
	}
	defer windows.CloseHandle(handle)
	if err := windows.AssignProcessToJobObject(f.job, handle); err != nil {
		return fmt.Errorf("assign process to job object: %w", err)
	}
	return nil
}

// ask sends Ctrl-Break, which needs a console that both share. Without one there
// is no way to ask, and the job is ended.
func (f *family) ask(p *os.Process) error {
	if f.hasConsole && windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(p.Pid)) == nil {
		return nil
	}
	return windows.TerminateJobObject(f.job, 1)
}

// end ends whoever of the job is left.
func (f *family) end() {
	windows.TerminateJobObject(f.job, 1)
	windows.CloseHandle(f.job)
}
