package website

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/adit-mining/adit/pool-server/poolapi"
)

// Limits of telemetry. An app sends one report each 30 seconds for each worker.
const (
	maxDevices    = 32        // in a report
	maxReported   = 100       // bytes of a device's or program's name
	maxReports    = 10_000    // kept in memory, of all accounts
	maxPerAccount = 500       // workers of one account that are kept
	reportLife    = time.Hour // a report older than this is no news

	accountRate, accountBurst = 20, 200 // good reports of one account, per second and at once
)

// telemetry keeps the latest report of each worker. Whoever has the account's key
// may write, nobody else: see poolapi.Verify.
type telemetry struct {
	mu       sync.Mutex
	accounts map[string]map[string]report
	reports  int
	senders  *limiters // by account
}

// report is telemetry with the time of its coming, by our clock.
type report struct {
	poolapi.Telemetry
	received time.Time
}

func newTelemetry() *telemetry {
	return &telemetry{accounts: map[string]map[string]report{}, senders: newLimiters(accountRate, accountBurst)}
}

// Faults of a report that the sender is told.
var (
	errTooMany = errors.New("too many reports; one each 30 seconds for each worker is enough")
	errOldNews = errors.New("the report is not newer than the last one of this worker, or its time is off; check the computer's clock")
)

// takeTelemetry answers POST /api/v1/miners/{account}/telemetry.
func (s *site) takeTelemetry(w http.ResponseWriter, r *http.Request) {
	account, body, ok := s.signed(w, r, poolapi.ForTelemetry())
	if !ok {
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
	switch err := s.telemetry.put(account, t, time.Now()); {
	case errors.Is(err, errTooMany):
		problem(w, http.StatusTooManyRequests, err)
	case err != nil:
		problem(w, http.StatusConflict, err)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// put keeps r if it is news.
func (t *telemetry) put(account string, r poolapi.Telemetry, now time.Time) error {
	if !t.senders.allow(account, now) {
		return errTooMany
	}
	t.mu.Lock()
	defer t.mu.Unlock()
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
func (t *telemetry) of(account string, now time.Time) (news []report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.accounts[account] {
		if now.Sub(r.received) <= reportLife {
			news = append(news, r)
		}
	}
	slices.SortFunc(news, func(a, b report) int { return strings.Compare(a.Worker, b.Worker) })
	return news
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

var deviceStates = []string{poolapi.StateMining, poolapi.StateWaiting, poolapi.StateOff, poolapi.StateCannot}

func checkDevice(d poolapi.TelemetryDevice) error {
	switch {
	case !isShown(d.Name):
		return fmt.Errorf("name: want at most %d bytes of printable text", maxReported)
	case d.Kind != "cpu" && d.Kind != "gpu":
		return errors.New("kind: want cpu or gpu")
	case !isShown(d.Program):
		return fmt.Errorf("program: want at most %d bytes of printable text", maxReported)
	case !isShown(d.Algorithm):
		return fmt.Errorf("algorithm: want at most %d bytes of printable text", maxReported)
	case d.State != "" && !slices.Contains(deviceStates, d.State):
		return fmt.Errorf("state: want one of %s", strings.Join(deviceStates, ", "))
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
