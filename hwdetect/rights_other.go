//go:build !linux && !windows

package hwdetect

import "os"

func addLiveRights(r *Rights) error {
	root := os.Geteuid() == 0
	r.Root = &root
	return nil
}

func (Prober) mayRender(string) bool { return true }
