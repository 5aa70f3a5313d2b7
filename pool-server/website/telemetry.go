package website

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"github.com/adit-mining/adit/pool-server/poolapi"
)

// Limits of telemetry. An app sends one report each 30 seconds for each worker.
const (
	maxTelemetry   = 16 << 10        // bytes of a report
	maxDevices     = 32              // in a report
	maxReported    = 100             // bytes of a device's or program's name
	maxReports     = 10_000          // kept in memory, of all accounts
	maxPerAccount  = 500             // workers of one account that are kept
	clockTolerance = 5 * time.Minute // between the miner's clock and ours
	reportLife     = time.Hour       // a report older than this is no news

	accountRate, accountBurst = 20, 200 // good reports of one account, per second and at once
	forgerRate, forgerBurst   = 1, 30   // bad signatures from one address, per second and at once
	maxLimiters               = 10_000
)

// telemetry keeps the latest report of each worker. Whoever has the account's key
// may write, nobody else: see poolapi.Verify.
type telemetry struct {
	mu       sync.Mutex
	accounts map[string]map[string]report
	reports  int
	senders  limiters // by account
	forgers  limiters // by network address
}

type report struct {
	poolapi.Telemetry
	received time.Time
}

// limiters are rate limits by name. When there are too many names they all start
// anew, which is generous to some and bounded in memory.
type limiters struct {
	limit rate.Limit
	burst int
	by    map[string]*rate.Limiter
}

func (l *limiters) of(name string) *rate.Limiter {
	one := l.by[name]
	if one == nil {
		if len(l.by) >= maxLimiters {
			clear(l.by)
		}
		one = rate.NewLimiter(l.limit, l.burst)
		l.by[name] = one
	}
	return one
}

func newTelemetry() *telemetry {
	return &telemetry{
		accounts: map[string]map[string]report{},
		senders:  limiters{accountRate, accountBurst, map[string]*rate.Limiter{}},
		forgers:  limiters{forgerRate, forgerBurst, map[string]*rate.Limiter{}},
	}
}

// Faults of a report that the sender is told.
var (
	errTooMany = errors.New("too many reports; one each 30 seconds for each worker is enough")
	errOldNews = errors.New("the report is not newer than the last one of this worker, or its time is off; check the computer's clock")
)

// takeTelemetry answers POST /api/v1/miners/{account}/telemetry.
func (s *site) takeTelemetry(w http.ResponseWriter, r *http.Request) {
	m, err := s.miner(r.PathValue("account"))
	if err != nil {
		problem(w, http.StatusBadRequest, err)
		return
	}
	from := sender(r)
	if !s.telemetry.mayTry(from) {
		problem(w, http.StatusTooManyRequests, errTooMany)
		return
	}
	body, err := readAtMost(w, r, maxTelemetry)
	if err != nil {
		problem(w, http.StatusRequestEntityTooLarge, err)
		return
	}
	if err := poolapi.Verify(m.account, r.Header.Get(poolapi.KeyHeader), r.Header.Get(poolapi.SignatureHeader), body); err != nil {
		s.telemetry.forged(from)
		problem(w, http.StatusForbidden, err)
		return
	}
	var t poolapi.Telemetry
	if err := json.Unmarshal(body, &t); err != nil {
		problem(w, http.StatusBadRequest, errors.New("the report is not the JSON document that is expected"))
		return
	}
	if err := checkReport(t); err != nil {
		problem(w, http.StatusBadRequest, err)
		return
	}
	switch err := s.telemetry.put(m.account, t, time.Now()); {
	case errors.Is(err, errTooMany):
		problem(w, http.StatusTooManyRequests, err)
	case err != nil:
		problem(w, http.StatusConflict, err)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// sender is the network address a request comes from, without the port.
func sender(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// mayTry tells whether from may make us check another signature.
func (t *telemetry) mayTry(from string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.forgers.of(from).Tokens() >= 1
}

// forged notes a bad signature.
func (t *telemetry) forged(from string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forgers.of(from).Allow()
}

// put keeps r if it is news.
func (t *telemetry) put(account string, r poolapi.Telemetry, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.senders.of(account).AllowN(now, 1) {
		return errTooMany
	}
	if r.Time.Sub(now).Abs() > clockTolerance {
		return errOldNews
	}
	workers := t.accounts[account]
	last, known := workers[r.Worker]
	if known && !r.Time.After(last.Time) {
		return errOldNews
	}
	if !known {
		if len(workers) >= maxPerAccount {
			return errTooMany
		}
		t.makeRoom(now)
		workers = t.accounts[account] // makeRoom may have removed it
	}
	if workers == nil {
		workers = map[string]report{}
		t.accounts[account] = workers
	}
	if !known {
		t.reports++
	}
	workers[r.Worker] = report{r, now}
	return nil
}

// makeRoom forgets old reports when there are too many, and if all are young it
// forgets some account's.
func (t *telemetry) makeRoom(now time.Time) {
	if t.reports < maxReports {
		return
	}
	t.forget(func(r report) bool { return now.Sub(r.received) > reportLife })
	for account, workers := range t.accounts {
		if t.reports < maxReports*9/10 {
			return
		}
		t.reports -= len(workers)
		delete(t.accounts, account)
	}
}

func (t *telemetry) forget(old func(report) bool) {
	for account, workers := range t.accounts {
		for name, r := range workers {
			if old(r) {
				delete(workers, name)
				t.reports--
			}
		}
		if len(workers) == 0 {
			delete(t.accounts, account)
		}
	}
}

// of returns the reports of an account that are still news, by worker.
func (t *telemetry) of(account string, now time.Time) []poolapi.Telemetry {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := []poolapi.Telemetry{}
	for _, r := range t.accounts[account] {
		if now.Sub(r.received) <= reportLife {
			all = append(all, r.Telemetry)
		}
	}
	slices.SortFunc(all, func(a, b poolapi.Telemetry) int { return strings.Compare(a.Worker, b.Worker) })
	return all
}

// checkReport reports what is out of range in t.
func checkReport(t poolapi.Telemetry) error {
	if !isWorkerName(t.Worker) {
		return errors.New("worker: want at most 32 of A-Z, a-z, 0-9, _, . and -")
	}
	if !isShown(t.Program) {
		return fmt.Errorf("program: want at most %d bytes of printable text", maxReported)
	}
	if !inRange(t.Hashrate, 0, 1e24) {
		return errors.New("hashrate: want hashes per second")
	}
	if len(t.Devices) > maxDevices {
		return fmt.Errorf("devices: want at most %d", maxDevices)
	}
	for i, d := range t.Devices {
		if err := checkDevice(d); err != nil {
			return fmt.Errorf("devices[%d].%w", i, err)
		}
	}
	return nil
}

func checkDevice(d poolapi.TelemetryDevice) error {
	switch {
	case !isShown(d.Name):
		return fmt.Errorf("name: want at most %d bytes of printable text", maxReported)
	case d.Kind != "cpu" && d.Kind != "gpu":
		return errors.New("kind: want cpu or gpu")
	case !inRange(d.Hashrate, 0, 1e24):
		return errors.New("hashrate: want hashes per second")
	case d.TemperatureC != nil && !inRange(*d.TemperatureC, -100, 300):
		return errors.New("temperature_c: want degrees Celsius")
	case d.FanPercent != nil && !inRange(*d.FanPercent, 0, 1000):
		return errors.New("fan_percent: want percent")
	case d.PowerW != nil && !inRange(*d.PowerW, 0, 1e6):
		return errors.New("power_w: want watts")
	}
	return nil
}

func inRange(v, low, high float64) bool { return !math.IsNaN(v) && v >= low && v <= high }

func isShown(s string) bool {
	return len(s) <= maxReported && utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

func isWorkerName(s string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
	return len(s) <= 32 && strings.Trim(s, allowed) == ""
}
