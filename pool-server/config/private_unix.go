//go:build unix

package config

import "io/fs"

// secretIsPrivate reports whether nobody but the owner can read a file.
func secretIsPrivate(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 == 0 }

// keyIsPrivate reports whether only the owner can change a certificate's key, and only
// its group read it: some systems have a group for those who serve it.
func keyIsPrivate(info fs.FileInfo) bool { return info.Mode().Perm()&0o027 == 0 }
