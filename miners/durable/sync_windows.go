package durable

// SyncDir does nothing: Windows has no way to flush a folder, and NTFS writes
// renames to its journal.
func SyncDir(string) error { return nil }
