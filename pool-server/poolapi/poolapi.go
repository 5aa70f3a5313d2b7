// Package poolapi is the pool's public interface: the documents that a pool
// serves under /.well-known/adit-pool.json and /api/v1, the signature that
// proves who holds a mining key, and a client. It is all that the app knows of a
// pool and all that the website promises.
//
// The package is a leaf: no goroutines, no state but an http.Client. Amounts are
// decimal strings of whole coins ("12.50000000"), hashrates are hashes per
// second, times are RFC 3339 in UTC. Errors of the client are plain Go errors; an
// answer of the pool other than 200 is a *StatusError.
package poolapi

import "time"

// Paths that the documents are served under, below the pool's base address.
const (
	InfoPath      = "/.well-known/adit-pool.json"
	PoolPath      = "/api/v1/pool"
	BlocksPath    = "/api/v1/blocks"
	PayoutsPath   = "/api/v1/payouts"
	MinersPath    = "/api/v1/miners/" // + account
	TelemetryPath = "/telemetry"      // after MinersPath + account
	SignInPath    = "/signin"         // after MinersPath + account
)

// Version is the version of the documents. A client refuses a newer major one.
const Version = 1

// PoolInfo says what a pool offers: the document at InfoPath.
type PoolInfo struct {
	Version    int        `json:"version"`
	Name       string     `json:"name"`
	URL        string     `json:"url,omitempty"` // the website, as visitors reach it
	Software   string     `json:"software"`
	FeePercent float64    `json:"fee_percent"`
	Coins      []CoinInfo `json:"coins"`
	// Switches are ports behind which the pool mines what pays best.
	Switches []SwitchInfo `json:"switches,omitempty"`
	Rules    string       `json:"rules,omitempty"` // what the operator wants miners to know, plain text
	Contact  string       `json:"contact,omitempty"`
}

// SwitchInfo is a switch port: one algorithm, and whichever of the coins pays best.
type SwitchInfo struct {
	ID        string     `json:"id"` // "switch-scrypt"; never a coin's id
	Name      string     `json:"name"`
	Algorithm string     `json:"algorithm"`
	Coins     []string   `json:"coins"`         // ids of the coins it may mine
	Now       string     `json:"now,omitempty"` // id of the coin it mines now
	Ports     []PortInfo `json:"ports"`
	Estimate  *Estimate  `json:"estimate,omitempty"`
}

// Estimate is what mining is expected to bring: an average, luck left out.
type Estimate struct {
	// PerDay is what one hash per second earns in a day, after the pool's fee, in
	// whole coins of Symbol. A rate of 10 MH/s earns 10,000,000 times that.
	PerDay float64 `json:"per_day"`
	Symbol string  `json:"symbol"`
	// Prices is what one coin of Symbol costs, by currency ("EUR", "USD", ...); empty
	// where the pool knows no price.
	Prices map[string]float64 `json:"prices,omitempty"`
	// PricesAt is as of when Prices holds; they may be older than PerDay.
	PricesAt time.Time `json:"prices_at,omitzero"`
	At       time.Time `json:"at"` // as of when PerDay holds
}

// CoinInfo is one coin of a pool.
type CoinInfo struct {
	ID           string  `json:"id"` // as in wallet/coin: "litecoin"
	Name         string  `json:"name"`
	Symbol       string  `json:"symbol"`
	Network      string  `json:"network"`          // main, test, regtest
	Algorithm    string  `json:"algorithm"`        // as in miners/pow: "scrypt"
	PayoutScheme string  `json:"payout_scheme"`    // PROP, PPLNS, SOLO or PPS: whose work a block pays for
	FeePercent   float64 `json:"fee_percent"`      // of a block, under PPS of a share's price
	Window       float64 `json:"window,omitempty"` // PPLNS: network difficulties of the last shares that a block pays for
	// SoloFeePercent is what the pool keeps of a block that was found solo; nil: nobody
	// can mine solo here.
	SoloFeePercent *float64    `json:"solo_fee_percent,omitempty"`
	Recipients     []Recipient `json:"recipients,omitempty"` // who gets a part of each block beside the miners
	PayoutMinimum  string      `json:"payout_minimum"`
	Maturity       int         `json:"maturity"` // confirmations before a block is shared out for payment
	Ports          []PortInfo  `json:"ports"`
	Estimate       *Estimate   `json:"estimate,omitempty"`
}

// Recipient is an address that gets a part of each block's reward.
type Recipient struct {
	Address string  `json:"address"`
	Percent float64 `json:"percent"`
}

// PortInfo is one stratum port of a coin.
type PortInfo struct {
	URL        string  `json:"url"` // stratum+tcp://host:port or stratum+ssl://host:port
	Difficulty float64 `json:"difficulty"`
	VarDiff    bool    `json:"vardiff"`
	Solo       bool    `json:"solo,omitempty"` // who mines here gets the blocks that it finds, and nothing else
}

// PoolStats is the pool's state now: the document at PoolPath.
type PoolStats struct {
	Time  time.Time   `json:"time"`
	Coins []CoinStats `json:"coins"`
}

// CoinStats is the state of one coin of the pool.
type CoinStats struct {
	Coin              string     `json:"coin"`
	Symbol            string     `json:"symbol"`
	State             string     `json:"state"` // "ok", or a sentence about what is wrong
	Hashrate          float64    `json:"hashrate"`
	Miners            int        `json:"miners"`
	Workers           int        `json:"workers"`
	Connections       int        `json:"connections"`
	Height            int64      `json:"height"` // of the block that is worked on
	NetworkDifficulty float64    `json:"network_difficulty"`
	RoundEffort       float64    `json:"round_effort"` // the running round's work over the expected, 1 = 100 %
	Effort            float64    `json:"effort"`       // the same of the last 100 blocks together, but for solo ones; 0: there is none
	Shares            int64      `json:"shares"`       // accepted shares, all time
	BlocksFound       int64      `json:"blocks_found"`
	BlocksImmature    int64      `json:"blocks_immature"`
	BlocksOrphaned    int64      `json:"blocks_orphaned"`
	Paid              string     `json:"paid"`
	LastBlock         *time.Time `json:"last_block,omitempty"`
}

// Block is a block that the pool found, as listed at BlocksPath.
type Block struct {
	Coin          string    `json:"coin"`
	Symbol        string    `json:"symbol"`
	Height        int64     `json:"height"`
	Hash          string    `json:"hash"`
	Status        string    `json:"status"`           // candidate, immature, matured, orphaned; contested while daemons differ about its place
	Scheme        string    `json:"scheme,omitempty"` // by which its reward is dealt out: PROP, PPLNS, SOLO, PPS
	Confirmations int64     `json:"confirmations"`
	Maturity      int       `json:"maturity"`
	Reward        string    `json:"reward"`
	Effort        float64   `json:"effort"`
	Finder        string    `json:"finder"`
	Time          time.Time `json:"time"`
}

// Payout is a transaction to miners, as listed at PayoutsPath; in MinerStats
// Amount is what this miner got of it.
type Payout struct {
	ID     int64     `json:"id"`
	Coin   string    `json:"coin"`
	Symbol string    `json:"symbol"`
	TxID   string    `json:"txid,omitempty"`
	Status string    `json:"status"` // intent, signed, sent, confirmed, halted, cancelled
	Amount string    `json:"amount"` // before the transaction fee
	Net    string    `json:"net,omitempty"`
	Fee    string    `json:"fee,omitempty"`
	Miners int       `json:"miners,omitempty"`
	Time   time.Time `json:"time"`
}

// MinerStats is all that the pool knows of an account: the document at
// MinersPath + account. The account may be asked for by its 66-digit mining key
// or its 40-digit hash160, which name the same account, or by an address.
type MinerStats struct {
	Account string      `json:"account"`
	Coins   []CoinMiner `json:"coins"`
	Payouts []Payout    `json:"payouts"`
	// PayeesNumber is that of the newest PayeeList which the pool keeps; absent: none.
	PayeesNumber int64       `json:"payees_number,omitempty"`
	Telemetry    []Telemetry `json:"telemetry"` // the latest of each worker that sent one
}

// CoinMiner is an account's standing with one coin of the pool.
type CoinMiner struct {
	Coin          string           `json:"coin"`
	Symbol        string           `json:"symbol"`
	Network       string           `json:"network"`
	Address       string           `json:"address"`          // where payouts go; empty: see Chosen and Hold
	Chosen        bool             `json:"chosen,omitempty"` // by the owner's PayeeList; then only the owner is shown Address
	Hold          string           `json:"hold,omitempty"`   // why it cannot be paid; only for the owner
	Hashrate      float64          `json:"hashrate"`
	HashrateLow   float64          `json:"hashrate_low"`
	HashrateHigh  float64          `json:"hashrate_high"`
	Accepted      int64            `json:"accepted"` // shares
	Rejected      int64            `json:"rejected"`
	RejectReasons map[string]int64 `json:"reject_reasons,omitempty"`
	Immature      string           `json:"immature"`                 // in blocks that may still be orphaned
	Pending       string           `json:"pending"`                  // balance that is collected for the next payout
	Paying        string           `json:"paying"`                   // in a payout that is not confirmed yet
	Paid          string           `json:"paid"`                     // what reached the address
	PayoutMinimum string           `json:"payout_minimum"`           // that holds for the account: the pool's, or its own
	MinimumSetBy  string           `json:"minimum_set_by,omitempty"` // its own: "signed" by the key's owner, or by a miner's "password"
	Workers       []Worker         `json:"workers"`
}

// Worker is one worker of an account.
type Worker struct {
	Name         string     `json:"name"`
	Online       bool       `json:"online"`
	Hashrate     float64    `json:"hashrate"`
	HashrateLow  float64    `json:"hashrate_low"`
	HashrateHigh float64    `json:"hashrate_high"`
	Accepted     int64      `json:"accepted"`
	Rejected     int64      `json:"rejected"`
	LastShare    *time.Time `json:"last_share,omitempty"`
}

// Telemetry is what an app reports of the machine that it mines on. It is
// believed only with a signature of the mining key; see Sign.
type Telemetry struct {
	Worker   string            `json:"worker"`
	Time     time.Time         `json:"time"`
	Program  string            `json:"program"` // the mining program and its version
	Hashrate float64           `json:"hashrate"`
	Devices  []TelemetryDevice `json:"devices"`
}

// TelemetryDevice is one device. What it cannot tell is absent.
type TelemetryDevice struct {
	Name         string   `json:"name"`
	Kind         string   `json:"kind"` // cpu or gpu
	TemperatureC *float64 `json:"temperature_c,omitempty"`
	FanPercent   *float64 `json:"fan_percent,omitempty"`
	PowerW       *float64 `json:"power_w,omitempty"`
	Hashrate     float64  `json:"hashrate,omitempty"`
	Program      string   `json:"program,omitempty"` // that mines on it
	Algorithm    string   `json:"algorithm,omitempty"`
	State        string   `json:"state,omitempty"` // mining, waiting, off or cannot
}

// States of a device, as TelemetryDevice.State has them.
const (
	StateMining  = "mining"
	StateWaiting = "waiting"
	StateOff     = "off"
	StateCannot  = "cannot"
)

// SignInRequest asks for a link that opens the account's page signed in. It is
// signed by the mining key, and each one is good once; see Sign.
type SignInRequest struct {
	Time  time.Time `json:"time"`  // now, to within five minutes
	Nonce string    `json:"nonce"` // 32 hex digits, random
}

// SignInAnswer is the link. Whoever has it is taken for the key's holder, once.
type SignInAnswer struct {
	URL     string    `json:"url"`
	Expires time.Time `json:"expires"`
}

// Problem is the body of every answer of the API other than 200.
type Problem struct {
	Error string `json:"error"` // what is wrong and what to change
}
