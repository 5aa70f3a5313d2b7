package electrumwallet

// Amount is amount, for its tests.
var Amount = amount
