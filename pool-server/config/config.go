// Package config is the pool server's configuration: one folder with server.json,
// pools/*.json, coins/*.json, secrets/, data/ and logs/. The files are JSON with
// comments and trailing commas (HuJSON). Load starts from the defaults, refuses
// unknown keys, and reports every fault of every file at once, each with file,
// line, key and what to write instead.
//
// The package only reads and writes files; it starts nothing and holds no state.
package config

import (
	"math"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/wallet/coin"
)

// Config is all that the server is told.
type Config struct {
	Dir    string    // the configuration folder, absolute
	Server Server    // server.json
	Pools  []Pool    // pools/*.json, sorted by name
	Loaded time.Time // when the files were read
}

// Server is server.json: what concerns all pools.
type Server struct {
	Name     string   `json:"name"`     // the pool's name, as visitors read it
	URL      string   `json:"url"`      // the website's address as visitors reach it, "" = the listen address
	Rules    string   `json:"rules"`    // what miners are to know, plain text on the website and in the app; "" = nothing
	Contact  string   `json:"contact"`  // how miners reach the operator, one line of plain text; "" = not said
	HTTP     HTTP     `json:"http"`     // the website and API
	TLS      TLS      `json:"tls"`      // lets miners speak TLS on the same ports as plain stratum
	Stratum  Stratum  `json:"stratum"`  // who may connect to the stratum ports, and how often
	ShareLog ShareLog `json:"shareLog"` // the durable log of shares
	// Database is where the ledger lies: postgres://user@host:port/name, "" = a file in
	// the data folder. Its password is in DatabasePasswordFile, relative to the
	// configuration folder, "" = none is needed.
	Database             string  `json:"database"`
	DatabasePasswordFile string  `json:"databasePasswordFile"`
	LogLevel             string  `json:"logLevel"` // debug, info, warn or error; what goes to the console
	Metrics              Metrics `json:"metrics"`  // the server's numbers, for Prometheus
}

// HTTP is where the website and the API answer.
type HTTP struct {
	Listen string `json:"listen"` // host:port
}

// TLS is a certificate and its key, in PEM, relative to the configuration folder. The
// files may be links, and are read again when they change. Both "": no TLS.
type TLS struct {
	Certificate string `json:"certificate"` // with those that signed it behind it: certbot's fullchain.pem
	Key         string `json:"key"`         // not encrypted: certbot's privkey.pem
}

// Stratum is who may connect, on all stratum ports of all pools together. Valid shares
// earn an address more connections, from newcomers up to perAddress.
type Stratum struct {
	Connections int       `json:"connections"` // at once
	PerAddress  int       `json:"perAddress"`  // of these from one address, or one IPv6 /64
	Newcomers   int       `json:"newcomers"`   // the same before its shares have earned more
	Arrivals    int       `json:"arrivals"`    // in a second; the others wait a moment
	BanFor      Duration  `json:"banFor"`      // how long an address stays out that sends garbage or a flood of bad shares, "0s" = nobody is banned
	Trusted     []Network `json:"trusted"`     // networks without these limits, beside this computer
	Proxies     []Network `json:"proxies"`     // networks of proxies that send a PROXY header (version 1 or 2), without which they are refused
}

// ShareLog is how accepted shares are made durable.
type ShareLog struct {
	Durability string `json:"durability"` // fsync: a miner's "true" is sent after its share is on disk; async: before
	URL        string `json:"url"`        // nats://host:port of a JetStream cluster, "" = the embedded server
}

// Metrics is where the server's numbers can be read at /metrics. With neither listen nor
// tokenFile they cannot.
type Metrics struct {
	Listen string `json:"listen"` // host:port of a listener of their own, "" = none
	// TokenFile is a file with the token that who reads must bring, relative to the
	// configuration folder, "" = none is asked for. Without listen the numbers are then
	// on the website's listener.
	TokenFile string `json:"tokenFile"`
}

// Pool is a file in pools/: one coin with its ports.
type Pool struct {
	ID         string      `json:"-"`          // the file's name without .json: key in log, ledger and API
	Enabled    bool        `json:"enabled"`    // false keeps the file and leaves the pool out
	Coin       string      `json:"coin"`       // id of a coin, such as litecoin
	Network    string      `json:"network"`    // main, test or regtest
	Address    string      `json:"address"`    // the pool's own address: found blocks pay it, payouts are paid from its wallet
	Tag        string      `json:"tag"`        // text in the coinbase of found blocks
	FeePercent float64     `json:"feePercent"` // what the pool keeps of each block, and under PPS of each share's price, in percent
	Recipients []Recipient `json:"recipients"` // who gets a part of each block beside the miners
	Daemons    []Daemon    `json:"daemons"`    // the coin's daemons; one is enough, more are safer
	Poll       Duration    `json:"poll"`       // how often each daemon is asked for a template beside longpoll
	FirstJob   string      `json:"firstJob"`   // what miners get first after a new block: empty or full; "" = empty where the coin allows it
	Ports      []Port      `json:"ports"`      // where miners connect
	Payouts    Payouts     `json:"payouts"`    // how miners are paid
	Gateway    Gateway     `json:"gateway"`    // what the daemon does for those who move the coins that they were paid
	// Prices is what one coin costs, by currency: {"EUR": 80.5}. They are shown as of
	// the time when the file was loaded. Empty: no price is shown.
	Prices  map[string]float64 `json:"prices"`
	coin    *coin.Coin         // set by Validate
	network *coin.Network      // set by Validate
}

// Recipient gets a part of each block's reward: the operator, a developer, a cause.
type Recipient struct {
	Address string  `json:"address"` // of the coin; in the ledger it may be a mining key as well
	Percent float64 `json:"percent"` // of the reward
	In      string  `json:"in"`      // coinbase: each block pays it directly; ledger: it is credited and paid out as a miner is

	account coin.Account // set by Validate: of one in the ledger,
	address coin.Address // and of one in the coinbase
}

// Account returns who is credited; of a validated recipient in the ledger.
func (r *Recipient) Account() coin.Account { return r.account }

// Script returns what the coinbase pays; of a validated recipient in it.
func (r *Recipient) Script() []byte { return r.address.Script() }

// PPM returns the part in parts per million.
func (r *Recipient) PPM() int64 { return ppmOf(r.Percent) }

// ppmOf turns percent into parts per million.
func ppmOf(percent float64) int64 { return int64(math.Round(percent * 10_000)) }

// FeePPM is the pool's part of a block's reward, in parts per million.
func (p *Pool) FeePPM() int64 { return ppmOf(p.FeePercent) }

// SoloFeePPM is the same of a block that was found solo.
func (p *Pool) SoloFeePPM() int64 { return ppmOf(p.Payouts.SoloFeePercent) }

// MaxFeePPM is what a payout's transaction may cost, in parts per million of what it pays.
func (p *Pool) MaxFeePPM() int64 { return ppmOf(p.Payouts.MaxFeePercent) }

// Daemon is a coin's daemon with its JSON-RPC.
type Daemon struct {
	URL          string   `json:"url"`          // http://host:port
	User         string   `json:"user"`         // rpcuser
	PasswordFile string   `json:"passwordFile"` // file with rpcpassword, relative to the configuration folder
	CookieFile   string   `json:"cookieFile"`   // the daemon's .cookie file instead of user and password
	Wallet       string   `json:"wallet"`       // the wallet's name, "" = the daemon's default wallet
	Timeout      Duration `json:"timeout"`      // for one call
	// WalletTimeout is for one call to the wallet, which may sign thousands of inputs.
	// Only payouts wait for it.
	WalletTimeout Duration `json:"walletTimeout"`
	ZMQ           string   `json:"zmq"` // where the daemon publishes blocks, tcp://host:port, "" = it does not
}

// Port is a stratum port.
type Port struct {
	Listen     string         `json:"listen"`     // host:port
	Public     string         `json:"public"`     // host:port that miners are told, "" = the website's host and the port of listen
	Difficulty pow.Difficulty `json:"difficulty"` // at the start of a connection
	VarDiff    VarDiff        `json:"varDiff"`    // adapts the difficulty to each miner
	Solo       bool           `json:"solo"`       // who mines here mines for itself: it gets the blocks that it finds, and no part of others'
}

// VarDiff adapts each connection's difficulty to its hashrate.
type VarDiff struct {
	Enabled    bool           `json:"enabled"`
	Min        pow.Difficulty `json:"min"`
	Max        pow.Difficulty `json:"max"`
	ShareEvery Duration       `json:"shareEvery"` // the wanted time between two shares of a connection
}

// Payouts is how a pool's miners are paid.
type Payouts struct {
	Enabled bool   `json:"enabled"` // false: credits collect, nothing is sent
	Scheme  string `json:"scheme"`  // PROP, PPLNS, SOLO or PPS
	// Window is for PPLNS how many network difficulties of the last shares a block pays for.
	Window float64 `json:"window"`
	// ReserveLimit is for PPS how many coins the pool may have paid for shares beyond what
	// blocks have brought. When it is reached, shares are paid as under PROP until blocks
	// have filled the reserve again.
	ReserveLimit Coins `json:"reserveLimit"`
	// Solo lets single workers mine for themselves, by m=solo in their password.
	Solo           bool     `json:"solo"`
	SoloFeePercent float64  `json:"soloFeePercent"` // what the pool keeps of a block that was found solo, in percent
	Minimum        Coins    `json:"minimum"`        // least amount of one payment, in coins: "0.01"
	Interval       Duration `json:"interval"`       // between two runs of payouts
	// At is when runs begin each day, in UTC: ["04:00", "16:00"]. Empty: every interval.
	At []TimeOfDay `json:"at"`
	// MaxFeePercent is what a transaction may cost of what it pays; above it the payout waits.
	MaxFeePercent float64 `json:"maxFeePercent"`
	// FeeRate is the fee of a transaction for each 1000 bytes, in coins, "0" = what the daemon estimates.
	FeeRate       Coins `json:"feeRate"`
	Confirmations int   `json:"confirmations"` // before a block is shared out for payment, 0 = the coin's maturity
	// WalletPassphraseFile is a file with the wallet's passphrase, relative to the
	// configuration folder, "" = the wallet is not encrypted.
	WalletPassphraseFile string `json:"walletPassphraseFile"`
}

// Gateway is what the pool's website lets those do whom the pool pays, so that they
// can move their coins without a daemon of their own: find them, learn the fee, and
// send a transaction that they have signed.
type Gateway struct {
	Enabled     bool     `json:"enabled"`
	ScanTimeout Duration `json:"scanTimeout"` // of one look through the unspent outputs; there is one at a time
	Remember    Duration `json:"remember"`    // how long what was found is told again
}

// Durability values of ShareLog.
const (
	DurabilityFsync = "fsync"
	DurabilityAsync = "async"
)

// Scheme values of Payouts, as ledger.Scheme has them.
const (
	SchemePROP  = "PROP"  // by the shares since the last block
	SchemePPLNS = "PPLNS" // by the last shares, see Window
	SchemeSOLO  = "SOLO"  // each block to its finder
	SchemePPS   = "PPS"   // the pool buys the shares as they come, see ReserveLimit
)

// In values of Recipient.
const (
	InCoinbase = "coinbase"
	InLedger   = "ledger"
)

// FirstJob values of Pool: miners begin with a block without transactions as soon as
// the block before is known, or wait for the daemon's template.
const (
	FirstJobEmpty = "empty"
	FirstJobFull  = "full"
)

// Default is what holds where server.json says nothing.
func Default() Server {
	return Server{
		Name:     "Adit pool",
		HTTP:     HTTP{Listen: "127.0.0.1:8080"},
		Stratum:  Stratum{Connections: 100_000, PerAddress: 4096, Newcomers: 1024, Arrivals: 5000, BanFor: Duration(10 * time.Minute)},
		ShareLog: ShareLog{Durability: DurabilityFsync},
		LogLevel: "info",
	}
}

// DefaultPool is what holds where a pool's file says nothing.
func DefaultPool() Pool {
	return Pool{
		Enabled:    true,
		Network:    "main",
		Tag:        "/Adit/",
		FeePercent: 1,
		Poll:       Duration(time.Second),
		Payouts: Payouts{
			Enabled: true,
			Scheme:  SchemePROP,
			Window:  2,
			Solo:    true, SoloFeePercent: 1,
			Minimum:  1_000_000,
			Interval: Duration(10 * time.Minute),

			MaxFeePercent: 5,
		},
		Gateway: Gateway{ScanTimeout: Duration(5 * time.Minute), Remember: Duration(time.Minute)},
	}
}

func defaultDaemon() Daemon {
	return Daemon{Timeout: Duration(30 * time.Second), WalletTimeout: Duration(10 * time.Minute)}
}

func defaultPort() Port {
	return Port{
		Difficulty: 1,
		VarDiff:    VarDiff{Enabled: true, Min: MinDifficulty, Max: maxDifficulty, ShareEvery: Duration(10 * time.Second)},
	}
}

// MinDifficulty is the lowest difficulty of a share.
const MinDifficulty = 1e-9

// maxDifficulty is far beyond any chain's: above it nobody would ever find a share.
const maxDifficulty = 1e15

// CoinData returns the coin of a validated pool.
func (p *Pool) CoinData() *coin.Coin { return p.coin }

// NetworkData returns the coin's network of a validated pool.
func (p *Pool) NetworkData() *coin.Network { return p.network }

// EmptyFirst reports whether miners of a validated pool get an empty job first.
func (p *Pool) EmptyFirst() bool {
	return p.FirstJob == FirstJobEmpty || p.FirstJob == "" && defaultFirstJob(p.network) == FirstJobEmpty
}

// defaultFirstJob is empty only where an empty block can be told to be right. With
// MWEB it cannot, but on a test chain that has not activated it.
func defaultFirstJob(n *coin.Network) string {
	if n.Steady != nil && n.MWEBPrefix == "" {
		return FirstJobEmpty
	}
	return FirstJobFull
}

// Maturity returns the confirmations that a block needs before it is paid for.
func (p *Pool) Maturity() int {
	if p.Payouts.Confirmations > 0 {
		return p.Payouts.Confirmations
	}
	return p.coin.Maturity
}
