package miners

import "strings"

// shortestSecret is how many characters a name or password must have to be
// looked for: to blot out every "x" would leave nothing to read, and hide nothing.
const shortestSecret = 4

// redactor returns a function that blots user and password of p out of a line.
// Programs print both, in banners and when a pool refuses them. The account
// part of a user name is blotted out where it stands alone, too.
func redactor(p Plan) func(line string) string {
	var pairs []string
	add := func(secret, instead string) {
		if len(secret) >= shortestSecret {
			pairs = append(pairs, secret, instead)
		}
	}
	account, _, _ := strings.Cut(p.User, ".")
	add(p.User, "(user)")
	add(account, "(account)")
	add(p.Password, "(password)")
	return strings.NewReplacer(pairs...).Replace
}
