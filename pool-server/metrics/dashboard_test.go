package metrics_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/adit-mining/adit/pool-server/metrics"
)

const grafana = "../../packaging/grafana/"

// dashboard is the part of Grafana's format that can go wrong without anybody noticing.
type dashboard struct {
	Title  string
	Panels []struct {
		ID      int
		Title   string
		Type    string
		GridPos struct{ X, Y, W, H int }
		Targets []struct{ Expr, LegendFormat string }
	}
	Templating struct {
		List []struct {
			Name       string
			Definition string
		}
	}
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	text, err := os.ReadFile(grafana + "adit-pool.json")
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var metricName = regexp.MustCompile(`\b(adit|go|process)_[a-z0-9_]+`)

// used returns the metrics that an expression names, as families.
func used(expr string, families map[string]*dto.MetricFamily) (names []string) {
	for _, name := range metricName.FindAllString(expr, -1) {
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if short, cut := strings.CutSuffix(name, suffix); cut && families[short].GetType() == dto.MetricType_HISTOGRAM {
				name = short
			}
		}
		names = append(names, name)
	}
	return names
}

func TestTheDashboardShowsWhatIsExportedAndNothingElse(t *testing.T) {
	families, _ := scraped(t, metrics.New(busy()))
	d := readDashboard(t)
	shown := map[string]bool{"adit_build_info": true, "adit_sharelog_info": true, "adit_ledger_applied_position": true} // of no use in a curve
	ids := map[int]bool{}
	for _, p := range d.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 || p.GridPos.W <= 0 || p.GridPos.H <= 0 {
			t.Errorf("panel %q: id %d, place %+v", p.Title, p.ID, p.GridPos)
		}
		ids[p.ID] = true
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %q shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			names := used(target.Expr, families)
			if len(names) == 0 {
				t.Errorf("panel %q: no metric in %s", p.Title, target.Expr)
			}
			for _, name := range names {
				if shown[name] = true; families[name] == nil {
					t.Errorf("panel %q shows %s, which is not exported", p.Title, name)
				}
			}
		}
	}
	for _, v := range d.Templating.List {
		for _, name := range used(v.Definition, families) {
			if families[name] == nil {
				t.Errorf("variable %s asks for %s, which is not exported", v.Name, name)
			}
		}
	}
	for name := range families {
		if strings.HasPrefix(name, "adit_") && !shown[name] {
			t.Errorf("%s is exported, but no panel shows it", name)
		}
	}
}

func TestTheDashboardsLabelsExist(t *testing.T) {
	families, _ := scraped(t, metrics.New(busy()))
	labelsOf := func(name string) (labels []string) {
		for _, l := range families[name].GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		return append(labels, "le", "instance", "quantile") // of histograms, of Prometheus, of summaries
	}
	inBrackets := regexp.MustCompile(`by \(([a-z, ]+)\)`)
	inLegend := regexp.MustCompile(`{{([a-z]+)}}`)
	inSelector := regexp.MustCompile(`([a-z]+)=~?"`)
	for _, p := range readDashboard(t).Panels {
		for _, target := range p.Targets {
			var wanted []string
			for _, list := range inBrackets.FindAllStringSubmatch(target.Expr, -1) {
				wanted = append(wanted, strings.Split(list[1], ", ")...)
			}
			for _, m := range append(inLegend.FindAllStringSubmatch(target.LegendFormat, -1), inSelector.FindAllStringSubmatch(target.Expr, -1)...) {
				wanted = append(wanted, m[1])
			}
			for _, name := range used(target.Expr, families) {
				for _, label := range wanted {
					if families[name] != nil && !slices.Contains(labelsOf(name), label) {
						t.Errorf("panel %q: %s has no label %s", p.Title, name, label)
					}
				}
			}
		}
	}
}

func TestTheAlertsAskForWhatIsExported(t *testing.T) {
	text, err := os.ReadFile(grafana + "alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	families, _ := scraped(t, metrics.New(busy()))
	names := used(string(text), families)
	if len(names) < 10 {
		t.Fatalf("only %d metrics in the alerts", len(names))
	}
	for _, name := range names {
		if families[name] == nil {
			t.Errorf("%s is not exported", name)
		}
	}
}
