//go:build !unix

package config

import "io/fs"

// secretIsPrivate cannot be told from the mode on this system, where files take
// their rights from the folder.
func secretIsPrivate(fs.FileInfo) bool { return true }

// keyIsPrivate cannot be told either.
func keyIsPrivate(fs.FileInfo) bool { return true }
