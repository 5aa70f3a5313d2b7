package sweep

import (
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// signing is how a coin's transactions are signed.
type signing string

const (
	// signingBitcoin is Bitcoin's: the old digest, and BIP 143's for witnesses.
	signingBitcoin signing = "bitcoin"
	// signingForkID is BIP 143's digest for every input, with a bit of the hash type
	// set: https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/replay-protected-sighash.md
	signingForkID signing = "forkid"
)

// rules is what a sweep has to know of a coin beside package coin. Fees are in the
// coin's smallest units per 1000 virtual bytes.
type rules struct {
	signing signing
	floor   coin.Amount // what the coin's own wallet asks at least, unless the source names more
	usual   coin.Amount // where the source cannot estimate
	dust    coin.Amount // an output below it is not passed on; 0: three times the floor, as Core counts it
	refusal string      // why it cannot be signed
}

// capFactor is how many times the usual fee no source is believed.
const capFactor = 100

func (r rules) cap() coin.Amount { return capFactor * max(r.usual, r.floor) }

// Floors are DEFAULT_MIN_RELAY_TX_FEE of each coin's source, or what its wallet pays
// at least where that is more.
const (
	perKB1000    = 1_000
	perKB100k    = 100_000
	perKBMillion = 1_000_000
)

// known are the coins whose signing is known to be one of ours.
func known(id string) rules {
	standard := rules{signing: signingBitcoin, floor: perKB1000, usual: 10 * perKB1000}
	hundredth := rules{signing: signingBitcoin, floor: perKBMillion, usual: perKBMillion + perKBMillion/10}
	thousandth := rules{signing: signingBitcoin, floor: perKB100k, usual: 2 * perKB100k}
	switch id {
	case "bitcoin":
		standard.usual = 20 * perKB1000
		return standard
	case "litecoin", "dash", "vertcoin", "viacoin", "monacoin", "syscoin", "cpuchain", "raptoreum", "firo":
		return standard
	case "digibyte", "namecoin", "xaya", "feathercoin", "myriad", "sugarchain":
		return thousandth
	case "ravencoin", "neurai", "meowcoin":
		return hundredth
	case "dogecoin", "pepecoin", "bellscoin", "dingocoin":
		// Dogecoin 1.14.6 recommends 0.01 per kB, and outputs of 0.01 or more.
		return rules{signing: signingBitcoin, floor: perKB100k, usual: perKBMillion, dust: perKBMillion}
	case "bitcoincash", "ecash":
		standard.signing, standard.usual = signingForkID, 2*perKB1000
		return standard
	case "zcash", "horizen", "bitcoinz", "ycash":
		return rules{refusal: "its transactions are signed in a way of their own (Zcash's), with the branch of the network's rules in each signature; spend with its own wallet"}
	case "peercoin", "reddcoin", "verge", "emercoin":
		return rules{refusal: "its transactions carry a time of their own; spend with its own wallet"}
	case "bitcoingold":
		return rules{refusal: "its signatures carry the number of its fork, which Adit has not been tried with; spend with its own wallet"}
	}
	return rules{refusal: "it is not known how they are signed; spend with its own wallet"}
}

// rulesOf returns n's rules, or why a sweep is refused.
func rulesOf(n *coin.Network) (rules, error) {
	r := known(n.Coin.ID)
	if r.refusal != "" {
		return r, fmt.Errorf("%w: %s: %s", ErrSigning, n.Coin.Name, r.refusal)
	}
	return r, nil
}

// CanSign tells whether coins of n can be swept, and if not, why.
func CanSign(n *coin.Network) error {
	_, err := rulesOf(n)
	return err
}

// dustLimit is the least amount of an output with this script.
func (r rules) dustLimit(script []byte, floor coin.Amount) coin.Amount {
	// What the output and the input that spends it weigh, at three times the floor:
	// GetDustThreshold of Core's src/policy/policy.cpp.
	spend := 148
	if len(script) > 0 && (script[0] == 0 || script[0] >= 0x51 && script[0] <= 0x60) {
		spend = 67
	}
	size := coin.Amount(8 + 1 + len(script) + spend)
	return max(r.dust, size*3*max(floor, r.floor)/1000)
}
