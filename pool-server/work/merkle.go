package work

import "crypto/sha256"

// merkleBranch returns the hashes that, joined one after the other to the right
// of the coinbase's, give the merkle root. All hashes are in the order in which
// they come out of the hash function. It overwrites txids.
func merkleBranch(txids [][32]byte) [][32]byte {
	var branch [][32]byte
	// level is the tree's level without its first node, which depends on the
	// coinbase and is not known yet.
	for level := txids; len(level) > 0; {
		branch = append(branch, level[0])
		rest := level[1:]
		next := level[:0] // what is written has been read
		for i := 0; i < len(rest); i += 2 {
			right := rest[i] // an odd one out is joined to itself
			if i+1 < len(rest) {
				right = rest[i+1]
			}
			next = append(next, joined(rest[i], right))
		}
		level = next
	}
	return branch
}

func joined(left, right [32]byte) [32]byte {
	var both [64]byte
	copy(both[:32], left[:])
	copy(both[32:], right[:])
	first := sha256.Sum256(both[:])
	return sha256.Sum256(first[:])
}

// merkleRoot folds the branch over the coinbase's hash.
func merkleRoot(coinbase [32]byte, branch [][32]byte) [32]byte {
	root := coinbase
	for i := range branch {
		root = joined(root, branch[i])
	}
	return root
}
