package work_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
)

// FuzzParseTemplate: whatever a daemon says, it is refused or makes a job whose
// line a miner can read and whose block is well formed.
func FuzzParseTemplate(f *testing.F) {
	for _, name := range []string{"btcd.json", "litecoin-plain.json", "litecoin-transactions.json", "litecoin-mweb.json"} {
		f.Add(pooltest.Recorded(f, name))
	}
	f.Add([]byte(`{"transactions":[null],"coinbaseaux":null}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		tmpl, err := work.ParseTemplate(raw)
		if err != nil || tmpl.Verify() != nil {
			return
		}
		j, err := work.NewJob("1", tmpl, params(pow.SHA256d))
		if err != nil {
			return
		}
		readNotify(t, j.Notify(true))
		s := work.Submission{Extranonce2: make([]byte, 4), NTime: j.CurTime}
		r, err := j.Check(hasher(t, pow.SHA256d), extranonce1, s, easiest, 0)
		if err != nil {
			t.Errorf("a share at the template's own time: %v", err)
		}
		if r.Candidate != nil && !bytes.HasPrefix(r.Candidate.Raw, r.Header[:]) {
			t.Error("the block does not begin with its header")
		}
	})
}

// FuzzParseSubmission: two texts that are accepted and differ make different
// headers, unless they differ in letter case only or in version bits that say
// nothing.
func FuzzParseSubmission(f *testing.F) {
	j := job(f, template(f, "btcd.json", nil), params(pow.SHA256d))
	f.Add("abcdef00", "6500abcd", "0000abcd", "", "ABCDEF00", "6500abcd", "0000abcd", "00000000")
	f.Add("abcdefzz", "6500abcd", "0000abcd", "1fffe000", "00000000", "0", "", "zz")
	f.Fuzz(func(t *testing.T, e1, t1, n1, v1, e2, t2, n2, v2 string) {
		a, errA := j.ParseSubmission(e1, t1, n1, v1)
		b, errB := j.ParseSubmission(e2, t2, n2, v2)
		for _, err := range []error{errA, errB} {
			if err != nil && codeOf(err) != work.CodeOther {
				t.Fatalf("error %v is no reject", err)
			}
		}
		if errA != nil || errB != nil {
			return
		}
		h := hasher(t, pow.SHA256d)
		ra, _ := j.Check(h, extranonce1, a, easiest, mask)
		rb, _ := j.Check(h, extranonce1, b, easiest, mask)
		if same := meaning(j, a) == meaning(j, b); same != (ra.Header == rb.Header) {
			t.Errorf("%+v and %+v: same meaning %v, headers %x and %x", a, b, same, ra.Header, rb.Header)
		}
	})
}

// meaning is a submission in one canonical spelling.
func meaning(j *work.Job, s work.Submission) string {
	version := j.Version
	if s.HasVersion {
		version = version&^mask | s.Version
	}
	return fmt.Sprintf("%x %x %x %x", s.Extranonce2, s.NTime, s.Nonce, version)
}
