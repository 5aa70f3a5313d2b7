package startup_test

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/app/startup"
)

// home gives the test a home of its own and returns its folders for settings and
// data.
func home(t *testing.T) (config, data string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("XDG_DATA_HOME", "")
	return filepath.Join(dir, ".config"), filepath.Join(dir, ".local", "share")
}

func text(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func atLogin(t *testing.T, want bool) {
	t.Helper()
	if on, err := startup.IsAtLogin(); on != want || err != nil {
		t.Errorf("IsAtLogin = %v, %v, want %v", on, err, want)
	}
}

func TestAtLoginIsOneFile(t *testing.T) {
	config, _ := home(t)
	atLogin(t, false)
	if err := startup.AtLogin(false, ""); err != nil {
		t.Errorf("off when it is off: %v", err)
	}
	if err := startup.AtLogin(true, "/opt/My Adit/adit", "--hidden"); err != nil {
		t.Fatal(err)
	}
	atLogin(t, true)
	file := filepath.Join(config, "autostart", "org.adit-mining.adit.desktop")
	entry := text(t, file)
	for _, line := range []string{"[Desktop Entry]\n", "Type=Application\n", "\nName=Adit\n", "\nTryExec=/opt/My Adit/adit\n", "\nExec=\"/opt/My Adit/adit\" \"--hidden\"\n"} {
		if !strings.Contains(entry, line) {
			t.Errorf("%q is not in\n%s", line, entry)
		}
	}
	if err := startup.AtLogin(false, ""); err != nil {
		t.Fatal(err)
	}
	atLogin(t, false)
	if left, _ := filepath.Glob(filepath.Join(config, "autostart", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestXDGFoldersCount(t *testing.T) {
	home(t)
	config, data := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	t.Setenv("XDG_DATA_HOME", data)
	if err := startup.AtLogin(true, "/a/adit"); err != nil {
		t.Fatal(err)
	}
	if err := startup.RegisterLinks("/a/adit"); err != nil {
		t.Fatal(err)
	}
	text(t, filepath.Join(config, "autostart", "org.adit-mining.adit.desktop"))
	text(t, filepath.Join(data, "applications", "org.adit-mining.adit-link.desktop"))
	text(t, filepath.Join(config, "mimeapps.list"))
}

func TestRefreshFollowsAMovedProgram(t *testing.T) {
	config, data := home(t)
	if err := startup.Refresh("/old/adit"); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(config, "*")); len(left) > 0 {
		t.Errorf("Refresh made %v, which nobody asked for", left)
	}
	if err := startup.AtLogin(true, "/old/adit", "--hidden"); err != nil {
		t.Fatal(err)
	}
	if err := startup.RegisterLinks("/old/adit"); err != nil {
		t.Fatal(err)
	}
	if err := startup.Refresh("/new/adit", "--hidden"); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{
		filepath.Join(config, "autostart", "org.adit-mining.adit.desktop"),
		filepath.Join(data, "applications", "org.adit-mining.adit-link.desktop"),
	} {
		if entry := text(t, file); strings.Contains(entry, "/old/") || !strings.Contains(entry, `Exec="/new/adit"`) {
			t.Errorf("%s", entry)
		}
	}
}

func TestWhatTheDesktopTurnedOffStaysOff(t *testing.T) {
	config, _ := home(t)
	if err := startup.AtLogin(true, "/a/adit"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(config, "autostart", "org.adit-mining.adit.desktop")
	off := strings.Replace(text(t, file), "enabled=true", "enabled=false", 1)
	if err := os.WriteFile(file, []byte(off), 0o644); err != nil {
		t.Fatal(err)
	}
	atLogin(t, false)
	if err := startup.Refresh("/b/adit"); err != nil {
		t.Fatal(err)
	}
	if text(t, file) != off {
		t.Error("turned on again unasked")
	}
	if err := startup.AtLogin(true, "/b/adit"); err != nil {
		t.Fatal(err)
	}
	atLogin(t, true)
}

func TestRegisterLinksKeepsTheUsersChoices(t *testing.T) {
	config, data := home(t)
	file := filepath.Join(config, "mimeapps.list")
	mine := filepath.Join(t.TempDir(), "dotfiles")
	before := "# mine\n[Default Applications]\ntext/html=firefox.desktop\n\n[Removed Associations]\nimage/png=gimp.desktop"
	if err := os.WriteFile(mine, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(config, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(mine, file); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := startup.RegisterLinks("/a/adit"); err != nil {
			t.Fatal(err)
		}
	}
	const ours = "x-scheme-handler/adit=org.adit-mining.adit-link.desktop;\n"
	want := "# mine\n[Default Applications]\n" + ours + "text/html=firefox.desktop\n\n[Removed Associations]\nimage/png=gimp.desktop\n[Added Associations]\n" + ours
	if got := text(t, mine); got != want {
		t.Errorf("the list is\n%s\nwant\n%s", got, want)
	}
	if info, err := os.Lstat(file); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link to the list is gone")
	}
	entry := text(t, filepath.Join(data, "applications", "org.adit-mining.adit-link.desktop"))
	for _, line := range []string{"\nNoDisplay=true\n", "\nMimeType=x-scheme-handler/adit;\n", "\nExec=\"/a/adit\" \"--link\" %u\n"} {
		if !strings.Contains(entry, line) {
			t.Errorf("%q is not in\n%s", line, entry)
		}
	}
	other := "[Default Applications]\nx-scheme-handler/adit = other.desktop\n"
	if got := startup.Associate(other); !strings.HasPrefix(got, "[Default Applications]\nx-scheme-handler/adit=other.desktop;org.adit") {
		t.Errorf("another program for links: %q", got)
	}
}

func TestOddPathsAreQuoted(t *testing.T) {
	for path, want := range map[string]string{
		`/a b/adit`:   `"/a b/adit"`,
		`/100%/adit`:  `"/100%%/adit"`,
		`/a"b/adit`:   `"/a\\"b/adit"`,
		`/a$b/adit`:   `"/a\\$b/adit"`,
		"/a`b/adit":   "\"/a\\\\`b/adit\"",
		`/a\b/adit`:   `"/a\\\\b/adit"`,
		`/größe/adit`: `"/größe/adit"`,
	} {
		if got := startup.ExecLine([]string{path}); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	home(t)
	if err := startup.AtLogin(true, "/a\nExec=evil/adit"); err == nil {
		t.Error("a line break in a path was written")
	}
	if err := startup.RegisterLinks("/a\nExec=evil/adit"); err == nil {
		t.Error("a line break in a path was written")
	}
}

func TestLaunchAgentIsAPropertyList(t *testing.T) {
	agent := startup.LaunchAgent("/Applications/A & B/adit", []string{"--hidden", "<x>"})
	var words []string
	inArray := false
	for d := xml.NewDecoder(strings.NewReader(agent)); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if inArray = inArray || token.Name.Local == "array"; inArray && token.Name.Local == "string" {
				var word string
				if err := d.DecodeElement(&word, &token); err != nil {
					t.Fatal(err)
				}
				words = append(words, word)
			}
		}
	}
	if want := []string{"/Applications/A & B/adit", "--hidden", "<x>"}; !slices.Equal(words, want) {
		t.Errorf("ProgramArguments are %q, want %q", words, want)
	}
	if !strings.Contains(agent, "<key>RunAtLoad</key>\n\t<true/>") {
		t.Error("it does not run at login")
	}
}

func FuzzAssociate(f *testing.F) {
	f.Add("[Default Applications]\nx-scheme-handler/adit=a.desktop;\n")
	f.Add("no group\r\n[Added Associations]\n\n[x")
	f.Fuzz(func(t *testing.T, list string) {
		once := startup.Associate(list)
		if again := startup.Associate(once); again != once {
			t.Errorf("%q becomes %q, then %q", list, once, again)
		}
		rest := once
		for _, line := range strings.Split(strings.TrimSuffix(list, "\n"), "\n") {
			if strings.Contains(line, "x-scheme-handler/adit") {
				continue
			}
			_, after, found := strings.Cut(rest, line)
			if !found {
				t.Fatalf("%q of %q is not in %q", line, list, once)
			}
			rest = after
		}
	})
}
