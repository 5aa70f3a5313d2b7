//go:build unix

package miners

import (
	"os"
	"os/exec"
	"syscall"
)

// A family is a process group: the program and what it starts itself.
type family struct {
	leader *os.Process
	low    bool
}

// newFamily prepares cmd, which is not started yet, to lead a group of its own,
// so that a Ctrl-C in our terminal reaches us alone and a signal can reach all
// of the group.
func newFamily(cmd *exec.Cmd, low, gentle bool) (*family, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	bindToParent(cmd.SysProcAttr, low, gentle)
	return &family{low: low}, nil
}

// adopt is told the process that was started.
func (f *family) adopt(p *os.Process) error {
	f.leader = p
	if f.low {
		stepBack(p.Pid)
	}
	return nil
}

// ask tells the whole group what a Ctrl-C would tell it.
func (f *family) ask(leader *os.Process) error {
	return syscall.Kill(-leader.Pid, syscall.SIGINT)
}

// end kills whoever of the group is left. The leader has been waited for, but a
// group keeps its number as long as it has members; if it has none, the number
// is not given out again within the moment that this takes.
func (f *family) end() {
	if f.leader != nil {
		syscall.Kill(-f.leader.Pid, syscall.SIGKILL)
	}
}

// endGroup ends the process group that the process leads.
func endGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGKILL) }

// apart has a program not get the signals that our terminal sends us.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
