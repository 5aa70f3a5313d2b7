//go:build !windows

package startup

import (
	"slices"
	"strings"
)

// scheme is the type of adit:// links.
const scheme = "x-scheme-handler/adit"

// autostart is an entry for the Desktop Application Autostart Specification 0.5.
func autostart(exe string, args []string) string {
	return "[Desktop Entry]\nType=Application\nName=Adit\nTerminal=false\nX-GNOME-Autostart-enabled=true\n" +
		program(exe, execLine(append([]string{exe}, args...)))
}

// turnedOff reports whether the user turned an autostart entry off with a tool of
// the desktop's.
func turnedOff(entry string) bool {
	for line := range strings.Lines(entry) {
		switch strings.ReplaceAll(strings.TrimSpace(line), " ", "") {
		case "Hidden=true", "X-GNOME-Autostart-enabled=false":
			return true
		}
	}
	return false
}

// linkProgram is an entry for the Desktop Entry Specification 1.5; %u is the link.
func linkProgram(exe string) string {
	return "[Desktop Entry]\nType=Application\nName=Adit\nTerminal=false\nNoDisplay=true\nMimeType=" + scheme + ";\n" +
		program(exe, execLine([]string{exe, linkFlag})+" %u")
}

// program names the program; TryExec makes the system ignore the entry once it is
// gone.
func program(exe, line string) string {
	return "TryExec=" + escaped(exe) + "\nExec=" + line + "\n"
}

// execLine writes words as the value of Exec: each in quotes, in which four
// characters need a backslash, then all as a string, in which a backslash needs
// another. % begins a field code.
func execLine(words []string) string {
	inQuotes := strings.NewReplacer(`"`, `\"`, "`", "\\`", `$`, `\$`, `\`, `\\`, `%`, `%%`)
	quoted := make([]string, 0, len(words))
	for _, w := range words {
		quoted = append(quoted, `"`+inQuotes.Replace(w)+`"`)
	}
	return escaped(strings.Join(quoted, " "))
}

// escaped writes s as a value of the type string.
func escaped(s string) string { return strings.ReplaceAll(s, `\`, `\\`) }

// associate adds Adit to the user's list of programs for types of files and links
// (Association between MIME types and applications, 1.0.1). A program that is there
// for links already stays the default.
func associate(list string) string {
	lines := strings.Split(list, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	for _, group := range []string{"[Default Applications]", "[Added Associations]"} {
		lines = addKey(lines, group, scheme, linkFile)
	}
	return strings.Join(lines, "\n") + "\n"
}

// addKey returns lines with program among those of key in group.
func addKey(lines []string, group, key, program string) []string {
	start := slices.IndexFunc(lines, func(l string) bool { return strings.TrimSpace(l) == group })
	if start < 0 {
		return append(lines, group, key+"="+program+";")
	}
	for i := start + 1; i < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[i]), "["); i++ {
		name, value, _ := strings.Cut(lines[i], "=")
		if strings.TrimSpace(name) != key {
			continue
		}
		value = strings.TrimSpace(value)
		if !slices.Contains(strings.Split(value, ";"), program) {
			lines[i] = key + "=" + strings.TrimLeft(strings.TrimSuffix(value, ";")+";"+program+";", ";")
		}
		return lines
	}
	return slices.Insert(lines, start+1, key+"="+program+";")
}
