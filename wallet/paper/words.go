package paper

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/adit-mining/adit/assets"
)

// Words returns what Sheet.Say and Sheet.RightToLeft are for a language of package
// assets, by its code: "de".
func Words(language string) (say func(id string, args map[string]any) string, rightToLeft bool, err error) {
	text, err := assets.Translations.ReadFile(path.Join(assets.TranslationsDir, language+".json"))
	if err != nil {
		return nil, false, fmt.Errorf("there is no translation %q: %w", language, err)
	}
	var all map[string]string
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, false, fmt.Errorf("read the translation %q: %w", language, err)
	}
	say = func(id string, args map[string]any) string {
		said := all[id]
		for name, value := range args {
			said = strings.ReplaceAll(said, "{{."+name+"}}", fmt.Sprint(value))
		}
		return said
	}
	return say, all["language.direction"] == "rtl", nil
}

// english is Say where the caller has none.
func english() (func(id string, args map[string]any) string, error) {
	say, _, err := Words("en")
	return say, err
}
