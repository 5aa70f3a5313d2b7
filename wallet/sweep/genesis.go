package sweep

import (
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// genesis returns the hash of a network's first block, where it is known here, from
// each coin's chainparams. Scripts are alike on all coins: a server that is asked by
// script must be known to be one of the right coin, or the coins of another chain
// would be moved to an address that was meant for this one.
func genesis(n *coin.Network) string {
	const bitcoin = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
	return map[string]string{
		"bitcoin main":     bitcoin,
		"bitcoin test":     "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
		"bitcoin regtest":  "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
		"bitcoincash main": bitcoin, // forked off; what is signed for it is worth nothing on Bitcoin
		"ecash main":       bitcoin,
		"litecoin main":    "12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2",
		"litecoin test":    "4966625a4b2851d9fdee139e56211a0d88575f59ed816ff5e6a63deb4e3e29a0",
		"litecoin regtest": "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9",
		"dogecoin main":    "1a91e3dace36e2be3bf030a65679fe821aa1d6ef92e7c9902eb318182c355691",
		"dash main":        "00000ffd590b1485b3caadc19b22e6379c733355108f107a430458cdf3407ab6",
		"digibyte main":    "7497ea1b465eb39f1c8f507bc877078fe016d6fcb6dfad3a64c98dcc6e1e8496",
		"vertcoin main":    "4d96a915f49d40b1e5c2844d1ee2dccb90013a990ccea12c492d22110489f0c4",
		"monacoin main":    "ff9f1c0116d19de7c9963845e129f9ed1bfc0b376eb54fd7afa42e0d418c8bb6",
		"ravencoin main":   "0000006b444bc2f2ffe627be9d9e7e7a0730000870ef6eb6da46c8eae389df90",
	}[n.Coin.ID+" "+n.Name]
}

// checkGenesis refuses a server whose first block is not n's.
func checkGenesis(n *coin.Network, got string) error {
	if want := genesis(n); want != got {
		return fmt.Errorf("this server is not one of %s: its chain begins with another block", n)
	}
	return nil
}
