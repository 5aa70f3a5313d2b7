package doctor

import (
	"io/fs"

	"github.com/adit-mining/adit/hwdetect"
)

// What the system says of folders and programs is judged apart from asking it, so
// that tests need no disk that is full, and no user that has no rights.

func JudgeFolder(info fs.FileInfo, missing bool, stat, write error, modes bool) Finding {
	return folder{"DIR", info, missing, stat, write}.judge(modes)
}

func JudgeProgram(mode fs.FileMode, noExec, modes bool) (Finding, bool) {
	return program{"bin/miner", mode, noExec}.judge(modes)
}

func JudgeDisk(free uint64) Finding { return judgeDisk(free) }

func JudgeMemory(have hwdetect.Memory, need Memory) Finding { return judgeMemory(have, need) }

var (
	Greet     = greet
	Printable = printable
	ReadOnly  = errnoReadOnly
)
