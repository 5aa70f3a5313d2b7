package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/certificate"
	"github.com/adit-mining/adit/wallet/coin"
)

// Limits of texts and prices.
const (
	maxRules   = 4000 // bytes
	maxContact = 200  // bytes
	maxPrices  = 32   // currencies
	maxPrice   = 1e12 // of one coin, in any currency
)

// amountDecimals is what the ledger and the wallet calls are made for.
const amountDecimals = 8

// checker collects the faults of one document.
type checker struct {
	doc   *document
	found Faults
}

// check records a fault at key unless ok. A key that is missing in the file has
// no line; the fault then names only the key.
func (c *checker) check(ok bool, key, format string, args ...any) bool {
	if !ok {
		c.found = append(c.found, Fault{File: c.doc.file, Line: c.doc.lines[key], Key: key, Text: fmt.Sprintf(format, args...)})
	}
	return ok
}

func (s *Server) validate(dir string, doc *document) Faults {
	c := &checker{doc: doc}
	c.check(s.Name != "" && len(s.Name) <= 64, "name", "want the pool's name, 1 to 64 bytes, have %q", s.Name)
	c.check(isText(s.Rules, "\n\t") && len(s.Rules) <= maxRules, "rules", "want plain text of at most %d bytes, have %d", maxRules, len(s.Rules))
	c.check(isText(s.Contact, "") && len(s.Contact) <= maxContact, "contact", "want one line of plain text, at most %d bytes, have %d", maxContact, len(s.Contact))
	c.listen("http.listen", s.HTTP.Listen)
	if s.URL != "" {
		u, err := url.Parse(s.URL)
		c.check(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "", "url",
			"want the website's address such as https://pool.example, have %q", s.URL)
	}
	d := s.ShareLog.Durability
	c.check(d == DurabilityFsync || d == DurabilityAsync, "shareLog.durability", "want %q or %q, have %q", DurabilityFsync, DurabilityAsync, d)
	s.validateDatabase(c, dir)
	s.TLS.validate(c, dir)
	s.Stratum.validate(c)
	c.check(regexp.MustCompile(`^(debug|info|warn|error)$`).MatchString(s.LogLevel), "logLevel", `want "debug", "info", "warn" or "error", have %q`, s.LogLevel)
	s.Metrics.validate(c, dir)
	return c.found
}

// validate checks the files, too, but for the certificate's date: an operator who is
// late with that still wants a pool that starts.
func (t *TLS) validate(c *checker, dir string) {
	if t.Certificate == "" && t.Key == "" {
		return
	}
	c.check(t.Certificate != "", "tls.certificate", "want the file of the certificate that belongs to tls.key, such as fullchain.pem")
	if !c.check(t.Key != "", "tls.key", "want the file of the certificate's key, such as privkey.pem") || t.Certificate == "" {
		return
	}
	files := certificate.Files{Certificate: within(dir, t.Certificate), Key: within(dir, t.Key)}
	_, err := files.Read()
	var expired *certificate.Expired
	if err != nil && !errors.As(err, &expired) {
		c.check(false, "tls.certificate", "%v", err)
		return
	}
	info, err := os.Stat(files.Key)
	c.check(err == nil && keyIsPrivate(info), "tls.key", "everybody can read %s: run chmod 600 on it", files.Key)
}

// within returns file as seen from dir, unless it is absolute.
func within(dir, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

func (s *Stratum) validate(c *checker) {
	c.check(s.Connections >= 1, "stratum.connections", "want 1 or more, have %d", s.Connections)
	c.check(s.PerAddress >= 1, "stratum.perAddress", "want 1 or more, have %d", s.PerAddress)
	c.check(s.Newcomers >= 1 && s.Newcomers <= s.PerAddress, "stratum.newcomers", "want 1 to perAddress (%d), have %d", s.PerAddress, s.Newcomers)
	c.check(s.Arrivals >= 1, "stratum.arrivals", "want 1 or more in a second, have %d", s.Arrivals)
	c.check(s.BanFor >= 0, "stratum.banFor", `want a time, or "0s" to ban nobody, have %v`, s.BanFor)
}

// leastToken is the shortest token that is not guessed, in bytes.
const leastToken = 16

func (m *Metrics) validate(c *checker, dir string) {
	if m.Listen != "" {
		c.listen("metrics.listen", m.Listen)
		host, _, _ := net.SplitHostPort(m.Listen)
		ip := net.ParseIP(host)
		c.check(m.TokenFile != "" || host == "localhost" || ip != nil && ip.IsLoopback(), "metrics.listen",
			"want an address of this machine alone, such as 127.0.0.1:9100, or a metrics.tokenFile: others could read the numbers, have %q", m.Listen)
	}
	if m.TokenFile == "" || !c.secret(dir, "metrics.tokenFile", m.TokenFile) {
		return
	}
	token, err := (&Config{Dir: dir}).ReadSecret(m.TokenFile)
	c.check(err == nil && len(token.Reveal()) >= leastToken, "metrics.tokenFile", "want a token of %d bytes or more in %s, on one line", leastToken, m.TokenFile)
}

// isText reports whether s can be shown: printable, but for what is in also.
func isText(s, also string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsPrint(r) && !strings.ContainsRune(also, r)
	}) < 0
}

func (p *Pool) validate(dir string, doc *document) Faults {
	c := &checker{doc: doc}
	c.check(regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`).MatchString(p.ID), "",
		"the file's name is the pool's id: want 1 to 32 of a-z, 0-9 and -, have %q", p.ID)
	p.validateCoin(c)
	p.validateFees(c)
	c.check(len(p.Tag) <= 32, "tag", "want at most 32 bytes, have %d", len(p.Tag))
	c.check(p.Poll.D() >= 100*time.Millisecond, "poll", "want 100ms or more, have %v", p.Poll)
	c.check(len(p.Daemons) > 0, "daemons", `want at least one daemon, such as [{"url": "http://127.0.0.1:9332", "user": "…", "passwordFile": "secrets/….rpc"}]`)
	for i := range p.Daemons {
		p.Daemons[i].validate(c, dir, fmt.Sprintf("daemons[%d]", i))
	}
	c.check(len(p.Ports) > 0, "ports", `want at least one stratum port, such as [{"listen": "0.0.0.0:3333"}]`)
	for i := range p.Ports {
		p.Ports[i].validate(c, fmt.Sprintf("ports[%d]", i))
	}
	p.Payouts.validate(c, dir)
	c.check(p.Gateway.ScanTimeout.D() >= 10*time.Second, "gateway.scanTimeout", "want 10s or more, have %v", p.Gateway.ScanTimeout)
	c.check(p.Gateway.Remember.D() >= time.Second, "gateway.remember", "want 1s or more, have %v", p.Gateway.Remember)
	p.validatePrices(c)
	return c.found
}

// maxWindow keeps PPLNS from remembering more shares than a database likes.
const maxWindow = 100

func (p *Pool) validateFees(c *checker) {
	c.check(p.FeePercent >= 0 && p.FeePercent <= 100, "feePercent", "want 0 to 100 percent, have %v", p.FeePercent)
	c.check(p.Payouts.SoloFeePercent >= 0 && p.Payouts.SoloFeePercent <= 100, "payouts.soloFeePercent", "want 0 to 100 percent, have %v", p.Payouts.SoloFeePercent)
	all := max(p.FeePercent, p.Payouts.SoloFeePercent)
	seen := map[string]bool{p.Address: true}
	for i := range p.Recipients {
		r := &p.Recipients[i]
		key := fmt.Sprintf("recipients[%d]", i)
		c.check(r.In == InCoinbase || r.In == InLedger, key+".in", "want %q or %q, have %q", InCoinbase, InLedger, r.In)
		// Less than a millionth is not counted.
		c.check(r.Percent >= 0.0001 && r.Percent <= 100, key+".percent", "want 0.0001 to 100 percent of each reward, have %v", r.Percent)
		c.check(!seen[r.Address], key+".address", "%q stands here twice, or is the pool's own", r.Address)
		seen[r.Address] = true
		all += r.Percent
		if p.network == nil {
			continue
		}
		var err error
		if r.In == InLedger {
			r.account, err = p.network.ParseAccount(r.Address)
		} else {
			r.address, err = p.network.ParseAddress(r.Address)
		}
		c.check(err == nil, key+".address", "want an address of %s: %v", p.network, err)
	}
	c.check(all <= 100, "recipients", "want the fee and the recipients together to be 100 percent or less, have %v", all)
}

func (p *Pool) validatePrices(c *checker) {
	c.check(len(p.Prices) <= maxPrices, "prices", "want at most %d currencies, have %d", maxPrices, len(p.Prices))
	for _, currency := range slices.Sorted(maps.Keys(p.Prices)) {
		price := p.Prices[currency]
		c.check(regexp.MustCompile(`^[A-Z]{3}$`).MatchString(currency), "prices", `want a currency's three capitals such as "EUR", have %q`, currency)
		c.check(price > 0 && price <= maxPrice, "prices", "want what one coin costs in %s, more than 0 and at most %g, have %v", currency, float64(maxPrice), price)
	}
}

func (p *Pool) validateCoin(c *checker) {
	found, err := coin.Lookup(p.Coin)
	if !c.check(err == nil, "coin", "%v", err) {
		return
	}
	_, err = pow.ParseAlgorithm(found.Algorithm)
	c.check(err == nil, "coin", "%s is mined with %s, which this server cannot verify yet", found.Name, found.Algorithm)
	c.check(found.Minable != "no", "coin", "%s cannot be mined any more", found.Name)
	c.check(found.Decimals == amountDecimals, "coin", "%s has %d decimals, this server counts with %d only", found.Name, found.Decimals, amountDecimals)
	network, err := found.Network(p.Network)
	if !c.check(err == nil, "network", "%v", err) {
		return
	}
	_, err = network.ParseAddress(p.Address)
	c.check(err == nil, "address", "want the pool's own %s %s address, from its wallet: %v", found.Name, p.Network, err)
	// A regtest coin may have a shorter maturity than the real one.
	least := found.Maturity
	c.check(p.Payouts.Confirmations == 0 || p.Payouts.Confirmations >= least || p.Network == "regtest", "payouts.confirmations",
		"want 0 or at least %s's maturity, %d: sooner the reward cannot be spent, have %d", found.Name, least, p.Payouts.Confirmations)
	c.check(p.FirstJob == "" || p.FirstJob == FirstJobFull || p.FirstJob == FirstJobEmpty, "firstJob", `want %q, %q or "", have %q`, FirstJobEmpty, FirstJobFull, p.FirstJob)
	c.check(p.FirstJob != FirstJobEmpty || network.Steady != nil, "firstJob",
		"want %q: whether %s would take a block without transactions is not known", FirstJobFull, network)
	p.coin, p.network = found, network
}

func (d *Daemon) validate(c *checker, dir, key string) {
	u, err := url.Parse(d.URL)
	ok := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.Port() != ""
	if c.check(ok, key+".url", "want the daemon's address with its port, such as http://127.0.0.1:9332, have %q", d.URL) {
		c.check(strings.Trim(u.Path, "/") == "" && u.RawQuery == "", key+".url", "put a wallet's name into wallet, not into the address: have %q", d.URL)
	}
	c.check(err != nil || u.User == nil, key+".url", "put user and password into user and passwordFile, not into the address")
	if d.ZMQ != "" {
		u, err := url.Parse(d.ZMQ)
		c.check(err == nil && u.Scheme == "tcp" && u.Hostname() != "" && u.Hostname() != "*" && u.Port() != "" && u.Path == "", key+".zmq",
			"want where the daemon publishes blocks, such as tcp://127.0.0.1:28332 (its zmqpubhashblock and zmqpubrawblock), have %q", d.ZMQ)
	}
	c.check(d.Timeout.D() >= time.Second, key+".timeout", "want 1s or more, have %v", d.Timeout)
	c.check(d.WalletTimeout.D() >= d.Timeout.D(), key+".walletTimeout", "want at least the timeout of %v, have %v", d.Timeout, d.WalletTimeout)
	if d.CookieFile != "" {
		c.check(d.User == "" && d.PasswordFile == "", key+".cookieFile", "want either cookieFile or user and passwordFile")
		return
	}
	c.check(d.User != "", key+".user", "want the daemon's rpcuser, or a cookieFile")
	c.secret(dir, key+".passwordFile", d.PasswordFile)
}

func (p *Port) validate(c *checker, key string) {
	c.listen(key+".listen", p.Listen)
	if p.Public != "" {
		_, _, err := net.SplitHostPort(p.Public)
		c.check(err == nil, key+".public", "want host:port as miners reach it, have %q", p.Public)
	}
	c.check(p.Difficulty >= MinDifficulty && p.Difficulty <= maxDifficulty, key+".difficulty",
		"want %v to %v, have %v", float64(MinDifficulty), float64(maxDifficulty), p.Difficulty)
	if v := p.VarDiff; v.Enabled {
		c.check(v.Min >= MinDifficulty, key+".varDiff.min", "want %v or more, have %v", float64(MinDifficulty), v.Min)
		c.check(v.Max >= v.Min && v.Max <= maxDifficulty, key+".varDiff.max", "want varDiff.min to %v, have %v", float64(maxDifficulty), v.Max)
		c.check(v.ShareEvery.D() >= 100*time.Millisecond, key+".varDiff.shareEvery", "want 100ms or more, have %v", v.ShareEvery)
	}
}

func (p *Payouts) validate(c *checker, dir string) {
	c.check(slices.Contains([]string{SchemePROP, SchemePPLNS, SchemeSOLO, SchemePPS}, p.Scheme), "payouts.scheme",
		"want %q, %q, %q or %q, have %q", SchemePROP, SchemePPLNS, SchemeSOLO, SchemePPS, p.Scheme)
	c.check(p.Window > 0 && p.Window <= maxWindow, "payouts.window", "want more than 0 and at most %d network difficulties, have %v", maxWindow, p.Window)
	c.check(p.ReserveLimit >= 0, "payouts.reserveLimit", "want 0 or more coins, have %v", p.ReserveLimit)
	c.check(p.Scheme == SchemePPS || p.ReserveLimit == 0, "payouts.reserveLimit", "only %s has a reserve; leave it 0 under %s", SchemePPS, p.Scheme)
	c.check(p.Minimum > 0, "payouts.minimum", "want more than 0, have %v", p.Minimum)
	c.check(p.Interval.D() >= time.Second, "payouts.interval", "want 1s or more, have %v", p.Interval)
	c.check(p.MaxFeePercent > 0 && p.MaxFeePercent <= 100, "payouts.maxFeePercent", "want more than 0 and at most 100, have %v", p.MaxFeePercent)
	c.check(p.FeeRate >= 0, "payouts.feeRate", "want 0 (what the daemon estimates) or coins for each 1000 bytes, have %v", p.FeeRate)
	c.check(p.Confirmations >= 0, "payouts.confirmations", "want 0 (the coin's maturity) or more, have %d", p.Confirmations)
	if p.WalletPassphraseFile != "" {
		c.secret(dir, "payouts.walletPassphraseFile", p.WalletPassphraseFile)
	}
}

// secret checks that a file with a secret is there and that only its owner can
// read it.
func (c *checker) secret(dir, key, file string) bool {
	if !c.check(file != "", key, "want the name of the file that holds the password, such as secrets/litecoin.rpc") {
		return false
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return c.check(false, key, "no such file: %s", file)
	}
	if !c.check(err == nil, key, "%v", err) {
		return false
	}
	return c.check(secretIsPrivate(info), key, "others can read %s: run chmod 600 on it", file)
}

func (c *checker) listen(key, address string) {
	_, port, err := net.SplitHostPort(address)
	number, numberErr := strconv.Atoi(port)
	c.check(err == nil && numberErr == nil && number >= 0 && number < 65536, key, "want host:port such as 0.0.0.0:3333, have %q", address)
}

// validateTogether finds what is wrong only when the files are seen together.
func (c *Config) validateTogether() Faults {
	var faults Faults
	owner := map[string]string{c.Server.HTTP.Listen: serverFile + ": http.listen"}
	if listen := c.Server.Metrics.Listen; listen != "" && !strings.HasSuffix(listen, ":0") {
		if listen == c.Server.HTTP.Listen {
			faults = append(faults, Fault{File: serverFile, Key: "metrics.listen", Text: listen + " is used by http.listen already; choose another port, or leave it empty and set metrics.tokenFile"})
		}
		owner[listen] = serverFile + ": metrics.listen"
	}
	pools := c.EnabledPools()
	for _, p := range pools {
		for i, port := range p.Ports {
			key := fmt.Sprintf("ports[%d].listen", i)
			file := poolsDir + "/" + p.ID + ".json"
			if strings.HasSuffix(port.Listen, ":0") { // any free port
				continue
			}
			if other, taken := owner[port.Listen]; taken && port.Listen != "" {
				faults = append(faults, Fault{File: file, Key: key, Text: port.Listen + " is used by " + other + " already; choose another port"})
			}
			owner[port.Listen] = file + ": " + key
		}
	}
	if len(pools) == 0 {
		faults = append(faults, Fault{File: poolsDir, Text: "no enabled pool: add one with \"adit-pool init\""})
	}
	return faults
}
