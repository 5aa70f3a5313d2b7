package cpuminer

import "golang.org/x/sys/windows"

// lowerPriority makes the whole process step back behind others.
func lowerPriority(nice int) error {
	class := uint32(windows.BELOW_NORMAL_PRIORITY_CLASS)
	if nice >= 10 {
		class = windows.IDLE_PRIORITY_CLASS
	}
	return windows.SetPriorityClass(windows.CurrentProcess(), class)
}
