package website

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"time"
)

//go:embed static templates
var embedded embed.FS

// files are the style, script and icon that pages use, by name.
type files map[string]file

type file struct {
	body    []byte
	version string // from the content, so that browsers may keep a version for ever
}

func loadFiles() (files, error) {
	all := files{}
	entries, err := embedded.ReadDir("static")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		body, err := fs.ReadFile(embedded, "static/"+e.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(body)
		all[e.Name()] = file{body, hex.EncodeToString(sum[:6])}
	}
	return all, nil
}

// address returns the path of a file for use in a page.
func (f files) address(name string) (string, error) {
	one, ok := f[name]
	if !ok {
		return "", fmt.Errorf("no static file %q", name)
	}
	return "/static/" + name + "?v=" + one.version, nil
}

func (f files) serve(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	one, ok := f[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == one.version {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("ETag", `"`+one.version+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(one.body))
}
