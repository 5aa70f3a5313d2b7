package nomp

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/adit-mining/adit/pool-server/config"
)

// A Portal is what becomes of a NOMP: the pools of a server, and what that is told.
type Portal struct {
	Report Report
	Pools  []*Pool
	Server map[string]any // changes of server.json, by JSON pointer
	HTTP   string         // where the website listens
	public string         // host that miners are told
}

// Read reads the NOMP in the folder dir. network is main, test or regtest, or "" to see
// from each pool's address. A pool that cannot be taken over is in the report only.
func Read(dir, network string) (*Portal, error) {
	fields, err := readObject(dir, "config.json")
	if err != nil {
		return nil, fmt.Errorf("%w: is %s a folder of NOMP?", err, dir)
	}
	p := &Portal{Server: map[string]any{}, HTTP: "0.0.0.0:80"}
	if unrecorded, _ := filepath.Glob(filepath.Join(dir, "*_finalRedisCommands.txt")); len(unrecorded) > 0 {
		return nil, fmt.Errorf("%s: NOMP has paid and could not write that down: until these commands are in redis, its balances are owed no more. "+
			"Give them to redis-cli, move the file away, and begin again", unrecorded[0])
	}
	defaults := p.portal(newSection("config.json", fields, &p.Report))
	names, err := jsonFiles(dir, "pool_configs")
	if err != nil {
		return nil, fmt.Errorf("read NOMP's configuration: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("no pool_configs/*.json: there is no pool to take over")
	}
	for _, name := range names {
		if err := p.readPool(dir, name, network, defaults); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// portal goes through config.json. It returns what holds for pools that do not say
// otherwise.
func (p *Portal) portal(s *section) (defaults map[string]any) {
	if s.has("logLevel") {
		level := map[string]string{"debug": "debug", "warning": "warn", "error": "error"}[s.text("logLevel")]
		if level == "" {
			level = "info"
		}
		p.Server["/logLevel"] = level
		s.taken("logLevel", "logLevel %q in server.json", level)
	}
	if s.has("logColors") {
		s.unneeded("logColors", "the log has no colours")
	}
	if s.has("cliPort") {
		s.unneeded("cliPort", "\"adit-pool blocknotify --dir DIR\" finds the running server by its folder")
	}
	s.unneededAll("clustering", "one process uses all processors")
	defaults, _ = s.fields["defaultPoolConfigs"].(map[string]any)
	if d := s.sub("defaultPoolConfigs"); d != nil {
		for _, key := range d.keys() {
			d.taken(key, "for every pool that does not say otherwise: see there")
		}
	}
	if w := s.sub("website"); w != nil {
		p.website(w)
	}
	if s.has("redis") {
		s.unneededAll("redis", "name the redis to read with --redis; Adit needs none itself")
	}
	if w := s.sub("switching"); w != nil {
		for _, key := range w.keys() {
			w.not(key, "Adit has no ports that switch between coins yet: miners of these ports need the port of a coin")
		}
	}
	if s.has("profitSwitch") {
		profit, _ := s.fields["profitSwitch"].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(profit)) {
			s.not("profitSwitch."+key, "Adit does not switch coins by profit yet; the exchanges that NOMP asked are gone")
		}
		s.said["profitSwitch"] = true
	}
	s.rest()
	return defaults
}

func (p *Portal) website(s *section) {
	host, port := "0.0.0.0", "80"
	if s.has("host") {
		host = s.text("host")
		s.taken("host", "http.listen in server.json")
	}
	if s.has("port") {
		port = s.text("port")
		s.taken("port", "http.listen in server.json")
	}
	if s.has("enabled") {
		if s.yes("enabled") {
			s.taken("enabled", "the website and the API are always there")
		} else {
			host = "127.0.0.1"
			s.taken("enabled", "the website cannot be switched off; it listens at 127.0.0.1 only")
		}
	}
	p.HTTP = net.JoinHostPort(host, port)
	if s.has("stratumHost") {
		p.public = s.text("stratumHost")
		s.taken("stratumHost", "ports[].public of each pool")
	}
	s.unneededAll("stats", "statistics are kept as they come: hashrates right from the first share, hours for ever")
	if a := s.sub("adminCenter"); a != nil {
		if a.has("enabled") {
			a.not("enabled", "the operator's pages are off until you set a password of your own on this machine: \"adit-pool admin -h\"")
		}
		if a.has("password") {
			a.not("password", "it stood in the clear, and is not repeated here: choose a new one")
		}
		a.rest()
	}
	s.rest()
}

// readPool reads a pool's file and its coin's.
func (p *Portal) readPool(dir, name, network string, defaults map[string]any) error {
	fields, err := readObject(dir, name)
	if err != nil {
		return err
	}
	for key, value := range defaults {
		if _, ok := fields[key]; !ok {
			fields[key] = value
		}
	}
	s := newSection(name, fields, &p.Report)
	if !s.yes("enabled") {
		s.not("enabled", "the pool is switched off in NOMP: none of this file is taken over")
		return nil
	}
	coinFile := "coins/" + s.text("coin")
	if s.text("coin") == "" || filepath.Base(s.text("coin")) != s.text("coin") {
		s.not("coin", "it names no file of coins/")
		return nil
	}
	profile, err := readObject(dir, coinFile)
	if err != nil {
		s.not("coin", "%v: the pool is not taken over", err)
		return nil
	}
	pool := &Pool{File: name, public: p.public}
	if pool.coinOf(s, newSection(coinFile, profile, &p.Report)) && pool.read(s, network, p) {
		p.Pools = append(p.Pools, pool)
	}
	return nil
}

// Write writes the configuration into the folder dir, which must not have one, and
// checks it as the server does.
func (p *Portal) Write(dir string) error {
	if len(p.Pools) == 0 {
		return errors.New("no pool can be taken over; the lines above say why")
	}
	for _, pool := range p.Pools {
		n := pool.New
		n.HTTP = p.HTTP
		if _, err := config.Init(dir, n); err != nil {
			return fmt.Errorf("%s: %w", pool.File, err)
		}
		if err := edit(filepath.Join(dir, "pools", pool.New.ID()+".json"), pool.changes()); err != nil {
			return fmt.Errorf("%s: %w", pool.File, err)
		}
	}
	if err := edit(filepath.Join(dir, "server.json"), p.Server); err != nil {
		return err
	}
	_, err := config.Load(dir)
	return err
}

func edit(path string, changes map[string]any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if text, err = config.Edit(text, changes); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// seconds is a time of NOMP as ours.
func seconds(s float64) config.Duration {
	return config.Duration(time.Duration(s * float64(time.Second)).Round(time.Millisecond))
}

// hostOf is a host that miners can be told.
func hostOf(s string) string { return strings.TrimSpace(strings.TrimSuffix(s, "/")) }
