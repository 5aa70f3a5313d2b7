package main_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/adit-mining/adit/"

// may says which of our packages each package of the app's side may import, of
// their own accord; the whole table is in the guide to style, section 3. A package
// below miners that is not here is a program's driver: see driverMay.
var may = map[string][]string{
	"assets":                {},
	"hwdetect":              {"hwdetect/nvml"},
	"hwdetect/nvml":         {},
	"hwdetect/presence":     {},
	"wallet/coin":           {},
	"wallet":                {"wallet/bip32", "wallet/bip38", "wallet/bip39", "wallet/coin"},
	"wallet/bip32":          {"wallet/coin"},
	"wallet/bip38":          {"wallet/coin"},
	"wallet/bip39":          {},
	"wallet/sweep":          {"wallet", "wallet/coin", "pool-server/poolapi", "miners/durable"},
	"wallet/clamd":          {},
	"wallet/program":        {"miners", "miners/durable", "wallet/coin"},
	"wallet/corewallet":     {"miners", "wallet", "wallet/coin", "wallet/program"},
	"wallet/electrumwallet": {"miners", "miners/durable", "wallet", "wallet/coin", "wallet/program"},
	"wallet/coin/cointest":  {"wallet/coin"},
	"pool-server/poolapi":   {"wallet/coin", "miners/pow"},
	"wallet/paper":          {"assets", "wallet/bip39"},

	"miners":                    {"miners/pow", "wallet/coin", "hwdetect"},
	"miners/pow":                {},
	"miners/durable":            {},
	"miners/api":                {"miners", "miners/pow"},
	"miners/choice":             {"miners", "miners/pow", "miners/durable", "miners/install", "hwdetect"},
	"miners/cpuminer":           {"miners", "miners/pow", "wallet/coin"},
	"miners/install":            {"miners", "miners/pow", "miners/durable", "miners/install/sevenzip"},
	"miners/install/sevenzip":   {},
	"miners/parsetest":          {"miners", "miners/pow"},
	"miners/replay":             {"miners"},
	"miners/replay/replayminer": {"miners/replay"},

	"app/bundle":   {"app/doctor", "app/settings", "hwdetect"},
	"app/doctor":   {"app/settings", "hwdetect", "miners/install", "miners/pow", "pool-server/poolapi", "wallet/coin"},
	"app/instance": {"miners/durable"},
	"app/manners":  {"app/settings", "hwdetect", "hwdetect/presence"},
	"app/model": {"app/doctor", "app/manners", "app/settings", "app/startup", "miners", "miners/choice", "miners/install", "wallet", "wallet/bip39", "hwdetect",
		"hwdetect/presence", "miners/pow", "wallet/coin", "pool-server/poolapi", "packaging/catalogue"},
	"app/past":     {"app/model", "miners/durable"},
	"app/payees":   {"miners/durable", "pool-server/poolapi"},
	"app/programs": {"app/model", "app/settings", "miners", "miners/choice", "miners/install", "miners/pow"}, // and every driver
	"app/settings": {"wallet/coin", "miners/durable"},
	"app/spend": {"miners", "miners/durable", "miners/install", "wallet", "wallet/clamd", "wallet/coin", "wallet/program",
		"wallet/corewallet", "wallet/electrumwallet"},
	"app/startup":    {},
	"app/windowtest": {"packaging/needs"},
	"app/view":       {"app/doctor", "app/manners", "app/model", "app/settings", "hwdetect", "miners/pow", "assets", "wallet/bip39"},
}

// driverMay is what the driver of a program may import, and what drivers share.
var driverMay = []string{"miners", "miners/pow", "miners/api", "miners/cpufamily", "miners/cgfamily", "miners/claymorefamily", "miners/ethfamily", "miners/console"}

// packages returns the packages of the app's side, with what each may import.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, path := range list(t, "{{.ImportPath}}", "../app/...", "../miners/...", "../hwdetect/...", "../wallet/...", "../assets", "../pool-server/poolapi") {
		pkg := strings.TrimPrefix(path, module)
		allowed, listed := may[pkg]
		switch {
		case listed:
		case pkg == "app":
			continue // it wires: it may import all
		case strings.HasPrefix(pkg, "miners/"):
			allowed = driverMay
		default:
			t.Errorf("%s is not in the table of who may import whom", pkg)
		}
		all[pkg] = allowed
	}
	return all
}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	for pkg, allowed := range packages(t) {
		for _, imported := range list(t, "{{join .Imports \"\\n\"}}", "./../"+pkg) {
			ours, found := strings.CutPrefix(imported, module)
			driver := pkg == "app/programs" && strings.HasPrefix(ours, "miners/")
			if found && !driver && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s", pkg, ours)
			}
		}
	}
}

func TestAppKnowsNothingOfThePoolServer(t *testing.T) {
	for _, dep := range list(t, "{{join .Deps \"\\n\"}}", ".") {
		if strings.HasPrefix(dep, module+"pool-server") && dep != module+"pool-server/poolapi" {
			t.Errorf("the app contains %s", dep)
		}
	}
}

func TestFyneStaysInAppAndView(t *testing.T) {
	for pkg := range packages(t) {
		for _, dep := range list(t, "{{join .Deps \"\\n\"}}", "./../"+pkg) {
			if strings.HasPrefix(dep, "fyne.io/fyne/v2") && pkg != "app/view" {
				t.Errorf("%s contains %s", pkg, dep)
			}
			if dep == "fyne.io/fyne/v2/app" {
				t.Errorf("%s contains %s, which needs C; only app may", pkg, dep)
			}
		}
	}
}

func TestOnlyMinersAndHwdetectStartPrograms(t *testing.T) {
	for pkg := range packages(t) {
		starts := strings.HasPrefix(pkg, "miners") || strings.HasPrefix(pkg, "hwdetect") || pkg == "app/windowtest" || pkg == "wallet/paper"
		if !starts && slices.Contains(list(t, "{{join .Imports \"\\n\"}}", "./../"+pkg), "os/exec") {
			t.Errorf("%s starts programs", pkg)
		}
	}
	if slices.Contains(list(t, "{{join .Imports \"\\n\"}}", "."), "os/exec") {
		t.Error("app starts programs")
	}
}

// list is go list of packages.
func list(t *testing.T, format string, packages ...string) []string {
	t.Helper()
	args := append([]string{"list", "-tags", "ci", "-f", format}, packages...)
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	if err != nil {
		t.Fatalf("go %v: %v", args, err)
	}
	return strings.Fields(string(out))
}
