package bundle_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/adit-mining/adit/app/doctor"
)

// TestPlantedSecretsAreNotInABundle puts secrets wherever a bundle reads from, in the
// forms in which programs print things, and looks for them in all forms.
func TestPlantedSecretsAreNotInABundle(t *testing.T) {
	secrets := map[string]string{
		"words":      "legal winner thank year wave sausage worth useful legal winner thank yellow",
		"WIF":        "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn",
		"old WIF":    "5HpHagT65TZzG1PH3CSu63k8DbpvD8s5ip4nEB3kEsreAnchuDf",
		"hex key":    "cbf4b9f70470856bb4f40f80b87edb90865997ffee6df315ab166d713af433a5",
		"BIP 38":     "6PYNKZ1EAgYgmQfmNVamxyXVWHzK5s6DGhwP4J5o44cvXdoY7sRzhtpUeo",
		"passphrase": "TestingOneTwoThree",
	}
	forms := map[string]func(string) string{
		"raw":    func(s string) string { return s },
		"base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"hex":    func(s string) string { return hex.EncodeToString([]byte(s)) },
		"URL":    url.QueryEscape,
		"JSON": func(s string) string {
			text, _ := json.Marshal(strings.ReplaceAll(s, " ", "\n"))
			return strings.Trim(string(text), `"`)
		},
	}
	for kind, secret := range secrets {
		for form, write := range forms {
			planted := write(secret)
			c := contents()
			said := []string{"--pass " + planted, `{"password": "` + planted + `"}`, "http://user:" + url.PathEscape(planted) + "@pool.example/"}
			if kind != "passphrase" { // which only what stands before it tells from any other word
				said = append(said, planted, "key: "+planted+".")
			}
			c.Settings.Server = "https://server.example/" + url.PathEscape(planted)
			c.Settings.Pool += "&token=" + url.QueryEscape(planted)
			c.History = append(c.History, said...)
			c.Output["xmrig"] = append(c.Output["xmrig"], said...)
			c.Machine.Devices[0].Name = said[0]
			c.Findings = append(c.Findings, doctor.Finding{Args: map[string]string{"Error": said[1]}})
			for name, text := range unzip(t, c) {
				for other, seek := range forms {
					if at := strings.Index(strings.ToLower(text), strings.ToLower(seek(secret))); at >= 0 {
						t.Errorf("%s planted as %s is in %s as %s: %.200q", kind, form, name, other, text[max(0, at-40):])
					}
				}
			}
		}
	}
}
