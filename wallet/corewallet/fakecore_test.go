package corewallet_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/corewallet"
)

// fakeFlag makes the test binary a daemon that plays recorded answers, from the folder
// that follows.
const fakeFlag = "-adit-fake-core="

func TestMain(m *testing.M) {
	for _, arg := range os.Args {
		if dir, found := strings.CutPrefix(arg, fakeFlag); found {
			os.Exit(fakeCore(dir))
		}
	}
	os.Exit(m.Run())
}

// answers are what the daemon answers to "method" or "method firstparameter", one after
// the other, the last for ever.
type answers map[string][]answer

type answer struct {
	Result any           `json:"result,omitempty"`
	Error  any           `json:"error,omitempty"`
	After  time.Duration `json:"after,omitempty"`
}

func result(v any) []answer { return []answer{{Result: v}} }

func fault(code int, message string) answer {
	return answer{Error: map[string]any{"code": code, "message": message}}
}

// failed is one element's failure in the answer of a call that imports several things.
func failed(code int, message string) []answer {
	return result([]any{map[string]any{"success": false, "error": map[string]any{"code": code, "message": message}}})
}

// request is a call that the daemon got.
type request struct {
	Path   string
	Method string
	Params []json.RawMessage
}

const unknown = "help: unknown command: x\n"

// modern is a daemon with descriptor wallets alone, as Namecoin Core 31.99 answered in
// regtest on 2026-11-23 (research/wallet.md, section 3): Bitcoin Core's master then.
func modern() answers {
	return answers{
		"getblockcount":      result(111),
		"getnetworkinfo":     result(map[string]any{"subversion": "/Satoshi:31.99.0/"}),
		"getblockchaininfo":  result(map[string]any{"chain": "regtest", "blocks": 111, "headers": 111, "verificationprogress": 1, "initialblockdownload": false, "pruned": false}),
		"help":               result("a call\n\nwhat it does\n"),
		"help importprivkey": result(unknown), "help importmulti": result(unknown),
		"listwallets":          result([]string{}),
		"createwallet":         result(map[string]any{"name": "adit"}),
		"getwalletinfo":        result(map[string]any{"walletname": "adit", "format": "sqlite", "descriptors": true, "scanning": false}),
		"validateaddress":      result(map[string]any{"isvalid": true}),
		"getdescriptorinfo":    result(map[string]any{"descriptor": "pkh(02aa)#mxzy8qp6", "checksum": "megjgla5", "hasprivatekeys": true}),
		"importdescriptors":    result([]any{map[string]any{"success": true}, map[string]any{"success": true}, map[string]any{"success": true}}),
		"getaddressinfo":       result(map[string]any{"ismine": true, "solvable": true}),
		"getreceivedbyaddress": result(json.Number("100.00000000")),
		"listunspent":          result([]any{map[string]any{"amount": json.Number("150.00000000")}, map[string]any{"amount": json.Number("150.00000000")}}),
		"getbalances":          result(map[string]any{"mine": map[string]any{"trusted": json.Number("300.00000000"), "untrusted_pending": json.Number("0.00000000"), "immature": json.Number("0.00000000")}}),
		"abortrescan":          result(true),
		"walletlock":           result(nil),
		"importprivkey":        {fault(-32601, "Method not found")},
	}
}

// with returns the answers with others for some calls.
func (a answers) with(more answers) answers {
	for call, answers := range more {
		a[call] = answers
	}
	return a
}

// fake is the program that plays answers; calls are what it was asked.
func fake(t testing.TB, a answers) (p corewallet.Program, calls func() []request) {
	t.Helper()
	dir := t.TempDir()
	text, err := json.Marshal(a)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "answers.json"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p = corewallet.Program{
		Path: self, Dir: filepath.Join(dir, "wallet"), Network: cointest.Network(t, "namecoin", "regtest"), Args: []string{fakeFlag + dir},
		Poll: 10 * time.Millisecond, Grace: 2 * time.Second, Patience: 5 * time.Second,
	}
	return p, func() (all []request) {
		text, err := os.ReadFile(filepath.Join(dir, "calls.json"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			var r request
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
		return all
	}
}

// of are the calls of a method.
func of(all []request, method string) []request {
	return slices.DeleteFunc(slices.Clone(all), func(r request) bool { return r.Method != method })
}

// fakeCore is the main function of the fake daemon.
func fakeCore(dir string) int {
	var a answers
	text, err := os.ReadFile(filepath.Join(dir, "answers.json"))
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	options := map[string]string{}
	for _, arg := range os.Args[1:] {
		key, value, _ := strings.Cut(arg, "=")
		options[key] = value
	}
	calls, err := os.OpenFile(filepath.Join(dir, "calls.json"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	stop := make(chan os.Signal, 2)
	signal.Notify(stop, os.Interrupt)
	d := &fakeDaemon{answers: a, calls: calls, stop: stop}
	server := &http.Server{Addr: "127.0.0.1:" + options["-rpcport"], Handler: d}
	go func() {
		<-stop
		os.Exit(0)
	}()
	if err := os.WriteFile(options["-rpccookiefile"], []byte("__cookie__:0123456789"), 0o600); err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(server.ListenAndServe())
	return 1
}

type fakeDaemon struct {
	mu      sync.Mutex
	answers answers
	calls   *os.File
	stop    chan<- os.Signal
}

func (d *fakeDaemon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); user != "__cookie__" || password != "0123456789" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var asked request
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	asked.Path = r.URL.Path
	a := d.answer(asked)
	time.Sleep(a.After)
	if a.Error != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"result": a.Result, "error": a.Error, "id": 1})
	if asked.Method == "stop" {
		d.stop <- os.Interrupt
	}
}

func (d *fakeDaemon) answer(asked request) answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	line, _ := json.Marshal(asked)
	_, _ = d.calls.Write(append(line, '\n'))
	keys := []string{asked.Method}
	if len(asked.Params) > 0 {
		var first string
		_ = json.Unmarshal(asked.Params[0], &first)
		keys = []string{asked.Method + " " + first, asked.Method}
	}
	for _, key := range keys {
		if list := d.answers[key]; len(list) > 0 {
			if len(list) > 1 {
				d.answers[key] = list[1:]
			}
			return list[0]
		}
	}
	if asked.Method == "stop" {
		return answer{Result: "stopping"}
	}
	return fault(-32601, "Method not found")
}
