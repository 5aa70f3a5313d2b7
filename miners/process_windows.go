package miners

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A family is a job object: the program and what it starts itself. Windows ends
// all of a job when its last handle is closed, which it is when we die. The program
// is started asleep and woken once it is in the job, so nothing of it is outside.
type family struct {
	job        windows.Handle
	hasConsole bool
	low        bool
}

// newFamily prepares cmd, which is not started yet. Without a console of our own
// the program gets one without a window, so that nothing flashes up.
func newFamily(cmd *exec.Cmd, low, _ bool) (*family, error) {
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
	f := &family{job: job, hasConsole: err == nil, low: low}
	flags := uint32(windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_SUSPENDED)
	if !f.hasConsole {
		flags |= windows.CREATE_NO_WINDOW
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: flags}
	return f, nil
}

// resumeProcess is how debuggers wake a whole process; there is no documented call
// that does without the handle of its first thread, which os/exec has closed.
var resumeProcess = windows.NewLazySystemDLL("ntdll.dll").NewProc("NtResumeProcess")

// adopt takes the started process into the job and wakes it. What it starts itself
// inherits the job and the lowest priority.
func (f *family) adopt(p *os.Process) error {
	const rights = windows.PROCESS_SET_QUOTA | windows.PROCESS_TERMINATE |
		windows.PROCESS_SUSPEND_RESUME | windows.PROCESS_SET_INFORMATION
	handle, err := windows.OpenProcess(rights, false, uint32(p.Pid))
	if err != nil {
		return fmt.Errorf("open process: %w", err)
	}
	defer windows.CloseHandle(handle)
	if err := windows.AssignProcessToJobObject(f.job, handle); err != nil {
		return fmt.Errorf("assign process to job object: %w", err)
	}
	if f.low {
		// Where that is forbidden the program runs as others do.
		_ = windows.SetPriorityClass(handle, windows.IDLE_PRIORITY_CLASS)
	}
	if err := resumeProcess.Find(); err != nil {
		return fmt.Errorf("wake process: %w", err)
	}
	if status, _, _ := resumeProcess.Call(uintptr(handle)); status != 0 {
		return fmt.Errorf("wake process: %w", windows.NTStatus(status))
	}
	return nil
}

// console is held while we are attached to a program's console: a process has one
// at a time.
var console sync.Mutex

var (
	kernel32      = windows.NewLazySystemDLL("kernel32.dll")
	attachConsole = kernel32.NewProc("AttachConsole")
	freeConsole   = kernel32.NewProc("FreeConsole")
)

// ask sends Ctrl-Break, which needs a console that both share: ours, or for a moment
// the program's. Where there is no way to ask, the job is ended.
func (f *family) ask(p *os.Process) error {
	if f.breaks(p) {
		return nil
	}
	return windows.TerminateJobObject(f.job, 1)
}

func (f *family) breaks(p *os.Process) bool {
	if f.hasConsole {
		return windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(p.Pid)) == nil
	}
	console.Lock()
	defer console.Unlock()
	if ok, _, _ := attachConsole.Call(uintptr(p.Pid)); ok == 0 {
		return false
	}
	defer freeConsole.Call()
	return windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(p.Pid)) == nil
}

// end ends whoever of the job is left.
func (f *family) end() {
	windows.TerminateJobObject(f.job, 1)
	windows.CloseHandle(f.job)
}

// endGroup ends a process. What it started was in its job, which ended with us.
func endGroup(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return p.Kill()
}

// apart has a program not get the Ctrl-C of our console.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}
