package main_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/adit-mining/adit/"

// mayImport is STYLE's table: what of ours each package below pool-server may
// import, directly. Longer paths are the package itself and what is below it.
var mayImport = map[string][]string{
	"wallet/coin":              {},
	"miners/pow":               {},
	"pool-server/poolapi":      {"wallet/coin", "miners/pow"},
	"pool-server/certificate":  {},
	"pool-server/config":       {"pool-server/certificate", "wallet/coin", "miners/pow"},
	"pool-server/devnet":       {"pool-server/zmq", "miners/durable", "wallet/coin", "miners/pow"},
	"pool-server/zmq":          {},
	"pool-server/control":      {},
	"pool-server/histogram":    {},
	"pool-server/skim":         {},
	"pool-server/work":         {"pool-server/skim", "miners/pow", "wallet/coin"},
	"pool-server/stats":        {"miners/pow", "wallet/coin"},
	"pool-server/ledger":       {"miners/pow", "wallet/coin"},
	"pool-server/metrics":      {"pool-server/histogram", "pool-server/ledger", "pool-server/node", "pool-server/payouts", "pool-server/sharelog", "pool-server/stats", "pool-server/stratum", "pool-server/work"},
	"pool-server/node":         {"pool-server/histogram", "pool-server/work", "pool-server/skim", "pool-server/zmq", "miners/pow", "wallet/coin"},
	"pool-server/stratum":      {"pool-server/histogram", "pool-server/work", "miners/pow", "wallet/coin"},
	"pool-server/stratum/load": {"pool-server/work", "miners/pow", "wallet/coin"},
	"pool-server/sharelog":     {"pool-server/histogram", "pool-server/work", "miners/pow", "wallet/coin"},
	"pool-server/payouts":      {"pool-server/ledger", "pool-server/node", "pool-server/poolapi", "wallet/coin", "miners/pow"},
	"pool-server/backup":       {"pool-server/config", "pool-server/ledger", "miners/durable"},
	"pool-server/nomp":         {"pool-server/config", "pool-server/ledger", "wallet/coin", "miners/pow"},
	"pool-server/gateway":      {"pool-server/node", "pool-server/poolapi", "wallet/coin"},
	"pool-server/market":       {"pool-server/ledger", "miners/pow", "wallet/coin"},
	"pool-server/web":          {},
	"pool-server/admin":        {"pool-server/web", "pool-server/ledger", "pool-server/payouts", "wallet/coin"},
	"pool-server/website":      {"pool-server/web", "pool-server/stats", "pool-server/ledger", "pool-server/payouts", "pool-server/poolapi", "wallet/coin", "miners/pow"},

	// Tests only.
	"pool-server/payouts/matrix": {},
}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	for _, line := range goList(t, "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...", "../wallet/coin", "../miners/pow") {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], module)
		allowed, known := mayImport[name]
		if !known {
			if name != "pool-server" && name != "pool-server/pooltest" {
				t.Errorf("%s is not in the table of imports: add it", name)
			}
			continue
		}
		for _, imported := range fields[1:] {
			ours, isOurs := strings.CutPrefix(imported, module)
			if isOurs && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s", name, ours)
			}
		}
	}
}

func TestServerKnowsNothingOfTheApp(t *testing.T) {
	for _, dep := range goList(t, "-deps", ".") {
		if strings.HasPrefix(dep, "fyne.io/") || strings.HasPrefix(dep, module+"app") || strings.HasSuffix(dep, "/pooltest") {
			t.Errorf("the server depends on %s", dep)
		}
	}
}

func TestOnlyTheLedgerHasSQLAndNobodyStartsPrograms(t *testing.T) {
	for _, line := range goList(t, "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...") {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], module)
		for _, imported := range fields[1:] {
			if imported == "database/sql" && name != "pool-server/ledger" {
				t.Errorf("%s imports database/sql", name)
			}
			if strings.HasPrefix(imported, "github.com/jackc/pgx/") && name != "pool-server/ledger" && name != "pool-server/pooltest" {
				t.Errorf("%s imports %s", name, imported)
			}
			if imported == "os/exec" && name != "pool-server/pooltest" {
				t.Errorf("%s imports os/exec", name)
			}
		}
	}
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
