package stratum_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// defects are the mistakes of earlier pools that concern the front, by their number
// in the design (section 7, "must never happen here"), with the tests that prove
// that they do not happen here. A name with a path is another package's; one with a
// ending is a conversation in testdata.
var defects = []struct {
	number int
	what   string
	proofs []string
}{
	{3, "the same share credited again with other letter case or junk hex", []string{
		"conversations/duplicate.txt", "conversations/submit-refused.txt", "../work/TestEverySpellingOfAShareHasOneHash", "../work/TestSubmissionsAreReadStrictly",
		"../../packaging/e2e/TestAShareCountsOnceInWhateverSpelling",
	}},
	{4, "work credited to a name that never authorised", []string{
		"conversations/submit-refused.txt", "conversations/resume.txt",
	}},
	{5, "a line without params, or any garbage, kills the process", []string{
		"conversations/garbage.txt", "FuzzSession", "FuzzPlainLine", "TestGarbageBansTheAddressAndNoOther",
	}},
	{6, "unknown methods get no answer", []string{
		"conversations/methods.txt", "conversations/configure.txt", "TestEveryMethodHasAConversation", "FuzzConfigure",
	}},
	{8, "a found block dropped because one of several nodes returned an error", []string{
		"TestCandidateGoesToTheCallerInsteadOfAccept", "TestCandidateOfAnOldTipIsStillHandedOver",
		"../work/TestABlockIsBuiltWhateverElseIsWrong", "../node/TestOneAcceptanceIsEnough", "../node/TestABlockIsSubmittedUntilTheChainAnswers",
	}},
	{10, "vardiff never lowers a silent miner, applies late, or rejects honest shares after a change", []string{
		"TestFleet", "TestSilentMinerGetsAnEasierJobAndOldSharesStillCount", "TestHonestSharesAreNeverRejectedWhenTheDifficultyChanges",
		"TestVarDiffSettlesFrom1kHTo1PH", "TestVarDiffFollowsAMinerThatSlowsDown",
	}},
	{12, "stored XSS by worker name", []string{"conversations/authorize-refused.txt", "../website/TestNothingThatMinersSendIsMarkup"}},
	{13, "a duplicate check that slows down within a job", []string{"TestTheDuplicateCheckDoesNotSlowDownWithinAJob"}},
	{15, "daemons that must all be up at the start", []string{"../node/TestDeadDaemonsAreTolerated", "../node/TestAStartWithoutAnyDaemonSaysWhy"}},
	{16, "share lists that grow without bound", []string{"TestSeenForgetsNothingAndIsBounded", "TestFormerSessionsAreForgotten", "TestRatesAreBoundedAndFade"}},
	{17, "reply first, lose the shares of the last seconds", []string{
		"TestTrueIsSentOnlyWhenTheShareIsDurable", "TestShareThatIsLostGetsAnError", "TestShutdownAnswersSharesInFlight",
		"../../packaging/e2e/TestEveryAcknowledgedShareSurvivesKill9",
	}},
}

func TestEachDefectHasItsTests(t *testing.T) {
	for _, d := range defects {
		for _, proof := range d.proofs {
			if !proves(t, proof) {
				t.Errorf("defect %d (%s): there is no %s", d.number, d.what, proof)
			}
		}
	}
}

// proves reports whether there is such a test, or conversation.
func proves(t *testing.T, proof string) bool {
	t.Helper()
	if strings.HasSuffix(proof, ".txt") {
		_, err := os.Stat(filepath.Join("testdata", proof))
		return err == nil
	}
	dir, name := filepath.Split(proof)
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}

// TestEveryMethodHasAConversation: each method that is dispatched is spoken in a
// conversation, and each code of an error occurs.
func TestEveryMethodHasAConversation(t *testing.T) {
	source, err := os.ReadFile("methods.go")
	if err != nil {
		t.Fatal(err)
	}
	var methods []string
	for _, found := range regexp.MustCompile(`(?:case |\t)"((?:mining|client|eth)[._][A-Za-z_.]+|login)":`).FindAllStringSubmatch(string(source), -1) {
		methods = append(methods, found[1])
	}
	if len(methods) < 15 {
		t.Fatalf("found only %v in methods.go", methods)
	}
	said, heard := conversations(t)
	for _, method := range methods {
		if !strings.Contains(said, `"`+method+`"`) {
			t.Errorf("%s is in no conversation", method)
		}
	}
	for code := 20; code <= 25; code++ {
		if !strings.Contains(heard, fmt.Sprintf(`"error":[%d,`, code)) {
			t.Errorf("error %d is in no conversation", code)
		}
	}
	for _, method := range []string{"mining.notify", "mining.set_difficulty", "mining.set_extranonce", "mining.set_version_mask", "client.reconnect", "client.show_message"} {
		if !strings.Contains(heard, `"method":"`+method+`"`) {
			t.Errorf("%s is sent in no conversation", method)
		}
	}
}

// conversations returns all that miners say in them, and all that they hear.
func conversations(t *testing.T) (said, heard string) {
	t.Helper()
	files, err := filepath.Glob("testdata/conversations/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			switch line[0] {
			case '>':
				said += line
			case '<':
				heard += line
			}
		}
	}
	return said, heard
}
