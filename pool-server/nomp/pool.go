package nomp

import (
	"fmt"
	"math"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/wallet/coin"
)

// A Pool is what becomes of one of NOMP's pools.
type Pool struct {
	File    string         // of NOMP
	Redis   string         // what its keys in redis begin with
	Coin    *coin.Coin     //
	Network *coin.Network  //
	New     config.NewPool // but for what changes adds

	public     string
	ports      []config.Port
	recipients []config.Recipient
	payouts    map[string]any
}

// coinOf finds the coin of NOMP's profile. It reports whether there is one.
func (p *Pool) coinOf(s, profile *section) bool {
	name, symbol := profile.text("name"), profile.text("symbol")
	p.Redis = strings.ToLower(name)
	id := strings.ReplaceAll(p.Redis, " ", "-")
	found, err := coin.Lookup(id)
	if err != nil {
		found, err = coin.Lookup(symbol)
	}
	if err != nil {
		s.not("coin", "Adit does not know the coin %q (%s): the pool is not taken over. Its data can be added as a file in coins/", name, symbol)
		return false
	}
	ours, err := pow.ParseAlgorithm(found.Algorithm)
	theirs, err2 := pow.ParseAlgorithm(profile.text("algorithm"))
	if err != nil || err2 != nil || ours != theirs {
		s.not("coin", "%s is mined with %s here and with %s in NOMP, which this server cannot verify: the pool is not taken over", found.Name, found.Algorithm, profile.text("algorithm"))
		return false
	}
	p.Coin = found
	s.taken("coin", "coin %q", found.ID)
	for _, key := range profile.keys() {
		switch key {
		case "name", "symbol", "algorithm":
			profile.taken(key, "the coin's own data in Adit")
		case "peerMagic", "peerMagicTestnet":
			profile.unneeded(key, "new blocks come by long poll, ZeroMQ and blocknotify, not from the coin's network")
		case "txMessages", "hasGetInfo", "mposDiffMultiplier", "reward", "capacity", "network":
			profile.unneeded(key, "Adit's own data of the coin say what is needed")
		default:
			profile.not(key, "NOMP itself does not know this key")
		}
	}
	return true
}

// read goes through a pool's file. It reports whether the pool can be taken over.
func (p *Pool) read(s *section, network string, portal *Portal) bool {
	s.taken("enabled", "the pool is taken over")
	p.New = config.NewPool{Coin: p.Coin.ID, VarDiff: true, Durability: config.DurabilityFsync}
	p.payouts = map[string]any{}
	ok := p.address(s, network) && p.portsOf(s) && p.daemons(s)
	if !ok {
		return false
	}
	p.recipientsOf(s)
	p.others(s, portal)
	s.rest()
	return true
}

// address finds the network by the address, as NOMP has no word for it.
func (p *Pool) address(s *section, network string) bool {
	networks := []string{"main", "test", "regtest"}
	if network != "" {
		networks = []string{network}
	}
	text := strings.TrimSpace(s.text("address"))
	for _, name := range networks {
		n, err := p.Coin.Network(name)
		if err != nil {
			continue
		}
		if _, err := n.ParseAddress(text); err == nil {
			p.Network, p.New.Network, p.New.Address = n, name, text
			s.taken("address", "address, of the network %s; its wallet must be the first daemon's", name)
			return true
		}
	}
	s.not("address", "it is no address of %s: the pool is not taken over", p.Coin.Name)
	return false
}

func (p *Pool) portsOf(s *section) bool {
	ports := s.sub("ports")
	if ports == nil || len(ports.fields) == 0 {
		s.not("ports", "there is none: the pool is not taken over")
		return false
	}
	for _, key := range ports.keys() {
		if n, err := strconv.Atoi(key); err != nil || n < 1 || n > 65535 {
			ports.not(key, "it is no port")
			continue
		}
		if port, ok := p.port(ports.sub(key), key); ok {
			p.ports = append(p.ports, port)
		}
	}
	if len(p.ports) == 0 {
		return false
	}
	p.New.Stratum, p.New.Difficulty = p.ports[0].Listen, float64(p.ports[0].Difficulty)
	return true
}

func (p *Pool) port(s *section, number string) (port config.Port, ok bool) {
	if s == nil {
		return port, false
	}
	at := fmt.Sprintf("ports[%d]", len(p.ports))
	port.Listen = net.JoinHostPort("0.0.0.0", number)
	if host := hostOf(p.public); host != "" {
		port.Public = net.JoinHostPort(host, number)
	}
	diff, has := s.number("diff")
	if !has || !(diff > 0) {
		diff = 8 // what NOMP begins with then
	}
	port.Difficulty = pow.Difficulty(diff)
	if s.has("diff") {
		s.taken("diff", "%s.difficulty %v", at, diff)
	}
	port.VarDiff = config.VarDiff{Min: config.MinDifficulty, Max: 1e15, ShareEvery: config.Duration(10 * time.Second)}
	if v := s.sub("varDiff"); v != nil {
		port.VarDiff.Enabled = true
		for _, key := range v.keys() {
			n, number := v.number(key)
			switch {
			case key == "minDiff" && number && n > 0:
				port.VarDiff.Min = pow.Difficulty(n)
				v.taken(key, "%s.varDiff.min", at)
			case key == "maxDiff" && number && n > 0:
				port.VarDiff.Max = pow.Difficulty(n)
				v.taken(key, "%s.varDiff.max", at)
			case key == "targetTime" && number && n >= 0.1:
				port.VarDiff.ShareEvery = seconds(n)
				v.taken(key, "%s.varDiff.shareEvery", at)
			case key == "retargetTime" || key == "variancePercent" || key == "x2mode":
				v.unneeded(key, "difficulties follow each miner at once, and honest shares are never refused for a change")
			}
		}
		v.rest()
	}
	s.rest()
	return port, true
}

// daemons puts the daemon whose wallet pays first.
func (p *Pool) daemons(s *section) bool {
	var wallet string
	if pay := s.sub("paymentProcessing"); pay != nil {
		p.payment(pay)
		if d := pay.sub("daemon"); d != nil {
			wallet = daemonURL(d, "daemons[0], whose wallet pays")
		}
		pay.rest()
	}
	list, _ := s.fields["daemons"].([]any)
	s.said["daemons"] = true
	var urls []string
	for i, one := range list {
		fields, _ := one.(map[string]any)
		d := &section{file: s.file, path: fmt.Sprintf("daemons[%d].", i), fields: fields, report: s.report, said: map[string]bool{}}
		if address := daemonURL(d, "daemons[]; the password stands in secrets/"); address != "" && address != wallet {
			urls = append(urls, address)
		}
	}
	if wallet != "" {
		urls = append([]string{wallet}, urls...)
	}
	p.New.Daemons = urls
	if len(urls) == 0 {
		s.not("daemons", "there is none with host and port: the pool is not taken over")
	}
	return len(urls) > 0
}

func daemonURL(s *section, as string) string {
	for _, key := range []string{"host", "port", "user", "password"} {
		if s.has(key) {
			s.taken(key, "%s", as)
		}
	}
	s.rest()
	if s.text("host") == "" || s.text("port") == "" {
		return ""
	}
	u := url.URL{Scheme: "http", User: url.UserPassword(s.text("user"), s.text("password")), Host: net.JoinHostPort(s.text("host"), s.text("port"))}
	return u.String()
}

func (p *Pool) payment(s *section) {
	if s.has("enabled") {
		p.New.PayoutsOff = !s.yes("enabled")
		s.taken("enabled", "payouts.enabled %v", s.yes("enabled"))
	}
	if n, ok := s.number("paymentInterval"); ok {
		p.New.PayoutInterval = seconds(math.Max(1, n)).D()
		s.taken("paymentInterval", "payouts.interval %v", p.New.PayoutInterval)
	}
	if s.has("minimumPayment") {
		minimum, err := p.Coin.ParseAmount(s.text("minimumPayment"))
		if err != nil || minimum <= 0 {
			s.not("minimumPayment", "%q is no amount of coins; Adit's default holds", s.text("minimumPayment"))
			return
		}
		p.New.PayoutMinimum = p.Coin.FormatAmount(minimum)
		s.taken("minimumPayment", "payouts.minimum %s", p.New.PayoutMinimum)
	}
}

// recipientsOf are paid in the coinbase, as by NOMP.
func (p *Pool) recipientsOf(s *section) {
	list := s.sub("rewardRecipients")
	if list == nil {
		return
	}
	for _, name := range list.keys() {
		percent, ok := list.number(name)
		address := name
		if account, err := p.Network.ParseAccount(name); err == nil {
			if hash, isKey := account.PubKeyHash(); isKey {
				address = p.Network.P2PKH(hash).String()
			}
		}
		if _, err := p.Network.ParseAddress(address); err != nil || !ok || percent <= 0 {
			list.not(name, "it is no address of %s %s with a percentage: NOMP leaves it out, too", p.Coin.Name, p.Network.Name)
			continue
		}
		p.recipients = append(p.recipients, config.Recipient{Address: address, Percent: percent, In: config.InCoinbase})
		list.taken(name, "recipients[%d]: %s gets %v %% of each block in its coinbase", len(p.recipients)-1, address, percent)
	}
}

// others goes through what concerns the server as a whole, or nothing.
func (p *Pool) others(s *section, portal *Portal) {
	for _, key := range s.keys() {
		if s.said[key] {
			continue
		}
		switch key {
		case "blockRefreshInterval":
			if n, ok := s.number(key); ok && n >= 100 {
				p.payouts["/poll"] = seconds(n / 1000).String()
				s.taken(key, "poll; long poll is faster anyway")
			} else {
				s.unneeded(key, "long poll tells of new blocks, and a question a second should it fail")
			}
		case "jobRebroadcastTimeout":
			s.unneeded(key, "new transactions make new work by themselves")
		case "connectionTimeout":
			s.unneeded(key, "silent connections end by the server's own rules")
		case "emitInvalidBlockHashes":
			s.unneeded(key, "every block candidate is offered to the daemons, whatever its share's other checks say")
		case "validateWorkerUsername":
			s.unneeded(key, "every name is checked when a miner signs in: who cannot be paid is refused with the reason")
		case "tcpProxyProtocol":
			if s.yes(key) {
				s.not(key, "put the networks of your proxies into stratum.proxies of server.json: from anywhere else the header would be believed, too")
			} else {
				s.unneeded(key, "stratum.proxies is empty")
			}
		case "banning":
			p.banning(s.sub(key), portal)
		case "redis":
			s.unneededAll(key, "name the redis to read with --redis; Adit needs none itself")
		case "p2p":
			s.unneededAll(key, "new blocks come by long poll, ZeroMQ (\"zmq\") and blocknotify")
		case "mposMode":
			if m := s.sub(key); m != nil {
				p.mpos(m)
			}
		case "fileName", "coinFileName":
			s.unneeded(key, "NOMP's own note")
		}
	}
}

func (p *Pool) mpos(s *section) {
	for _, key := range s.keys() {
		switch {
		case key == "password" || key == "user":
			s.not(key, "Adit has no MPOS mode; it is not repeated here")
		case key == "enabled" && s.yes(key):
			s.not(key, "Adit has no MPOS mode: shares and balances of an MPOS are not in NOMP's redis and cannot be taken over")
		default:
			s.unneeded(key, "Adit has no MPOS mode")
		}
	}
}

func (p *Pool) banning(s *section, portal *Portal) {
	if s == nil {
		return
	}
	banFor := config.Duration(0)
	if n, ok := s.number("time"); ok && s.yes("enabled") {
		banFor = seconds(n)
	}
	for _, key := range s.keys() {
		switch key {
		case "enabled", "time":
			portal.Server["/stratum/banFor"] = banFor.String()
			s.taken(key, "stratum.banFor %v in server.json, for all pools", banFor)
		case "invalidPercent", "checkThreshold", "purgeInterval":
			s.unneeded(key, "who sends garbage or floods of bad shares is judged by the server's own rules")
		}
	}
	s.rest()
}

// changes are what the pool's file gets beyond what Init writes.
func (p *Pool) changes() map[string]any {
	changes := map[string]any{"/ports": p.ports, "/recipients": p.recipients}
	if p.recipients == nil {
		changes["/recipients"] = []config.Recipient{}
	}
	for key, value := range p.payouts {
		changes[key] = value
	}
	return changes
}
