package payouts

// NetsOf is netsOf, for the tests of its properties.
var NetsOf = netsOf
