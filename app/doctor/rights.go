package doctor

import (
	"context"
	"os"
	"path/filepath"
)

// program is what the system says of a mining program's file.
type program struct {
	file   string
	mode   os.FileMode
	noExec bool // nothing may be started where it lies
}

// rights looks whether the mining programs may be started, and whether the app has
// more rights than it needs.
func (c Config) rights(context.Context) []Finding {
	var found []Finding
	if isAdministrator() {
		found = append(found, finding(checkRights, Notice, "administrator"))
	}
	for _, file := range c.Programs {
		info, err := os.Stat(file)
		if err != nil {
			continue // the look for an antivirus tells of it
		}
		v, _ := volumeOf(file) // what cannot be told is not held against it
		if f, bad := (program{file, info.Mode(), v.NoExec}).judge(tellsModes); bad {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		found = append(found, finding(checkRights, Good, "ok"))
	}
	return found
}

func (p program) judge(modes bool) (f Finding, bad bool) {
	switch {
	case p.noExec:
		return finding(checkRights, Trouble, "noexec", "folder", filepath.Dir(p.file)), true
	case modes && p.mode&0o111 == 0:
		return finding(checkRights, Trouble, "not-executable", "file", p.file), true
	}
	return Finding{}, false
}
