//go:build unix

package config

import "io/fs"

// secretIsPrivate reports whether nobody but the owner can read a file.
func secretIsPrivate(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 == 0 }
