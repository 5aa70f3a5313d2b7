package wallet

// syncDir does nothing: Windows cannot sync a folder. NTFS writes names to its
// journal by itself, some seconds later.
func syncDir(string) error { return nil }
