package config

// Files are the files that the configuration points to: passwords, certificates. Their
// names are as they stand there; see Path.
func (c *Config) Files() (names []string) {
	add := func(name string) {
		if name != "" {
			names = append(names, name)
		}
	}
	add(c.Server.TLS.Certificate)
	add(c.Server.TLS.Key)
	add(c.Server.Metrics.TokenFile)
	add(c.Server.DatabasePasswordFile)
	for _, p := range c.Pools {
		for _, d := range p.Daemons {
			add(d.PasswordFile)
			add(d.CookieFile)
		}
		add(p.Payouts.WalletPassphraseFile)
	}
	return names
}
