package spend

import "github.com/adit-mining/adit/miners/install"

// An About is what the person should know of a way before choosing it: an id for the
// view's texts, and the text in English.
type About struct{ ID, Text string }

// AboutWay explains a way with a wallet program of that family.
func AboutWay(way Way, driver install.WalletDriver) About {
	switch {
	case way == Move:
		return About{"spend.about.move", "Everything is sent to a fresh address of the new wallet. Your key never enters it. " +
			"From then on the coins belong to that wallet: make its own backup, because your paper does not cover them any more."}
	case driver == install.Electrum:
		return About{"spend.about.import.electrum", "The new wallet uses your key. When you pay a part, the change comes back to the key, so your paper goes on to cover it. " +
			"A payment spends all coins of an address at once; after many small payouts its fee can be high. The wallet keeps the key on this computer: set a password in it."}
	}
	return About{"spend.about.import.core", "The new wallet uses your key. When you pay a part, the change goes to another key of that wallet, which your paper does not cover: " +
		"pay out everything at once, or make a backup of the wallet as well."}
}
