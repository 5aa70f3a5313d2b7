package install

// ReceiptName is the receipt's file name.
const ReceiptName = receiptName

// Crash has Installs of s call crash before and after each step; its error ends
// the Install as the end of the process would.
func (s *Store) Crash(crash func(step string, done bool) error) { s.crash = crash }

// Space has s believe that so many bytes are free.
func (s *Store) Space(free uint64) {
	s.space = func(string) (uint64, error) { return free, nil }
}

// CheckPath is checkPath.
func CheckPath(p string) error { return checkPath(p) }

// Found is found.
func Found(root string, signs []Scanner) []Scanner { return found(root, signs) }
