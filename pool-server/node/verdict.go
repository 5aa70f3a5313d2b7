package node

import "strings"

// Verdicts of BIP 22 that decide something here.
const (
	verdictDuplicate    = "duplicate"
	verdictInconclusive = "inconclusive"
)

// normalVerdict turns btcd's prose ("rejected: already have block ...") into BIP
// 22's words where they mean the same. The daemon leaves no other way to tell.
func normalVerdict(answer string) string {
	prose, isProse := strings.CutPrefix(answer, "rejected: ")
	if !isProse {
		return answer
	}
	if strings.HasPrefix(prose, "already have block") {
		return verdictDuplicate
	}
	return prose
}

// taken reports whether the daemon has the block and found nothing wrong with it.
// "inconclusive" is a good block that lost the race for its height so far; whether
// it stays an orphan is for BlockStatus to say.
func taken(verdict string) bool {
	switch verdict {
	case "", verdictDuplicate, verdictInconclusive, "duplicate-inconclusive":
		return true
	}
	return false
}

// passing reports whether the same block may be accepted a little later: the
// daemon lacks the block before it, or its clock is behind.
func passing(verdict string) bool {
	switch verdict {
	case "prev-blk-not-found", "time-too-new":
		return true
	}
	return false
}
