package presence

// ReadPmset returns what pmset's text tells.
func ReadPmset(out string) Presence {
	var p Presence
	readPmset(out, &p)
	return p
}
