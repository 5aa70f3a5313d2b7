package main

import (
	"github.com/jeandeaual/go-locale"
	xcurrency "golang.org/x/text/currency"
	"golang.org/x/text/language"
)

// currency returns the currency of the system's region, as "EUR"; empty where the
// system does not tell.
func currency() string {
	name, err := locale.GetRegion()
	if err != nil {
		return ""
	}
	region, err := language.ParseRegion(name)
	if err != nil {
		return ""
	}
	unit, ok := xcurrency.FromRegion(region)
	if !ok {
		return ""
	}
	return unit.String()
}
