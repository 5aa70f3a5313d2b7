//go:build !windows

package hwdetect

func (p Prober) windowsCards() ([]windowsCard, error) { return p.recordedWindowsCards() }
