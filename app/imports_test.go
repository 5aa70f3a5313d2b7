package main_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/adit-mining/adit/"

// may says which of our packages each package of the app's side may import, of
// their own accord; the whole table is in the guide to style, section 3.
var may = map[string][]string{
	"assets":              {},
	"hwdetect":            {"hwdetect/nvml"},
	"hwdetect/nvml":       {},
	"hwdetect/presence":   {},
	"miners/pow":          {},
	"wallet/coin":         {},
	"wallet":              {"wallet/coin"},
	"app/instance":        {},
	"app/settings":        {"wallet/coin"},
	"miners":              {"miners/pow", "wallet/coin", "hwdetect"},
	"miners/api":          {"miners", "miners/pow"},
	"miners/cpuminer":     {"miners", "miners/pow", "wallet/coin"},
	"miners/minerd":       {"miners", "miners/pow", "wallet/coin"},
	"miners/xmrig":        {"miners", "miners/pow", "wallet/coin"},
	"app/model":           {"app/settings", "miners", "wallet", "hwdetect", "miners/pow", "wallet/coin", "pool-server/poolapi", "packaging/catalogue"},
	"app/view":            {"app/model", "assets"},
	"pool-server/poolapi": {"wallet/coin", "miners/pow"},
}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	for pkg, allowed := range may {
		for _, imported := range list(t, "{{join .Imports \"\\n\"}}", "./../"+pkg) {
			ours, found := strings.CutPrefix(imported, module)
			if found && !slices.Contains(allowed, ours) {
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
	for pkg := range may {
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
	for pkg := range may {
		starts := strings.HasPrefix(pkg, "miners") || strings.HasPrefix(pkg, "hwdetect")
		if !starts && slices.Contains(list(t, "{{join .Imports \"\\n\"}}", "./../"+pkg), "os/exec") {
			t.Errorf("%s starts programs", pkg)
		}
	}
	if slices.Contains(list(t, "{{join .Imports \"\\n\"}}", "."), "os/exec") {
		t.Error("app starts programs")
	}
}

func list(t *testing.T, format, pkg string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-tags", "ci", "-f", format, pkg).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", pkg, err)
	}
	return strings.Fields(string(out))
}
