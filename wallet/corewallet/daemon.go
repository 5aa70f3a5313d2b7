package corewallet

// Daemon says where the daemon's calls are taken and which file has the login for them:
// for who needs another client than this one, as wallet/sweep has.
func (w *Wallet) Daemon() (url, cookieFile string) {
	return "http://" + w.rpc.Address, w.program.cookie()
}
