package install

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/adit-mining/adit/miners/durable"
)

const (
	// longestCatalogue is the largest catalogue that is read, in bytes.
	longestCatalogue = 8 << 20
	// catalogueTime is how long the download of a catalogue may take: mining waits
	// for it on the first start.
	catalogueTime = 20 * time.Second
	copyName      = "catalogue-copy.json"
)

// ReadCatalogue reads and validates a catalogue. It is strict: a key that it does
// not know might be a condition that it would break.
func ReadCatalogue(text []byte) (Catalogue, error) {
	if len(text) > longestCatalogue {
		return Catalogue{}, fmt.Errorf("the catalogue is longer than %d bytes", longestCatalogue)
	}
	var c Catalogue
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return Catalogue{}, fmt.Errorf("read the catalogue: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Catalogue{}, errors.New("read the catalogue: there is more after its end")
	}
	if err := c.Validate(); err != nil {
		return Catalogue{}, fmt.Errorf("the catalogue has faults: %w", err)
	}
	return c, nil
}

// A Source is where the catalogue comes from.
type Source struct {
	// Location is a file's path, or an http or https address.
	Location string
	// Cache is the folder in which a copy of what an address gave is kept, for a
	// start without a network; empty keeps none.
	Cache string
	// Client fetches; nil is a client for the purpose.
	Client *http.Client
}

// keptCopy is the last good catalogue of an address, and its ETag: in one file, so
// that they belong together after a crash, too.
type keptCopy struct {
	URL  string          `json:"url"`
	ETag string          `json:"etag"`
	Text json.RawMessage `json:"catalogue"`
}

// Load gets the catalogue. Where the address does not answer, or answers nonsense,
// it is the kept copy. note is trouble that mining need not wait for: why the copy
// had to serve, or why none could be kept. err means that there is no catalogue.
func (s Source) Load(ctx context.Context) (c Catalogue, note, err error) {
	if !webAddress(s.Location) {
		c, err := s.readFile()
		return c, nil, err
	}
	kept, keptCatalogue, keptErr := s.kept()
	fetched, fetchErr := s.fetch(ctx, kept.ETag)
	if fetchErr == nil && fetched.Text == nil { // it has not changed
		return keptCatalogue, nil, nil
	}
	if fetchErr == nil {
		if c, fetchErr = ReadCatalogue(fetched.Text); fetchErr == nil {
			return c, s.keep(fetched), nil
		}
	}
	if keptErr != nil {
		return Catalogue{}, nil, fetchErr
	}
	return keptCatalogue, fetchErr, nil
}

func (s Source) readFile() (Catalogue, error) {
	f, err := os.Open(s.Location)
	if err != nil {
		return Catalogue{}, fmt.Errorf("read the catalogue: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, longestCatalogue+1))
	if err != nil {
		return Catalogue{}, fmt.Errorf("read the catalogue: %w", err)
	}
	return ReadCatalogue(text)
}

// fetch asks the address for the catalogue; no Text means that it is still the one
// that etag stands for.
func (s Source) fetch(ctx context.Context, etag string) (keptCopy, error) {
	ctx, cancel := context.WithTimeout(ctx, catalogueTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Location, nil)
	if err != nil {
		return keptCopy{}, fmt.Errorf("fetch the catalogue: %w", err)
	}
	if etag != "" {
		request.Header.Set("If-None-Match", etag)
	}
	client, done := clientOr(s.Client)
	defer done()
	response, err := client.Do(request)
	if err != nil {
		return keptCopy{}, fmt.Errorf("fetch the catalogue: %w", err)
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNotModified && etag != "":
		return keptCopy{}, nil
	case response.StatusCode != http.StatusOK:
		return keptCopy{}, fmt.Errorf("fetch the catalogue: %s answers %s", s.Location, response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, longestCatalogue+1))
	if err != nil {
		return keptCopy{}, fmt.Errorf("fetch the catalogue: %w", err)
	}
	return keptCopy{s.Location, response.Header.Get("ETag"), append([]byte{}, text...)}, nil
}

// kept reads the copy and what it holds. It is checked like a new one: it lies
// where other programs can write.
func (s Source) kept() (keptCopy, Catalogue, error) {
	var kept keptCopy
	text, err := os.ReadFile(filepath.Join(s.Cache, copyName))
	if s.Cache == "" || err != nil {
		return keptCopy{}, Catalogue{}, errors.New("no copy is kept")
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return keptCopy{}, Catalogue{}, fmt.Errorf("the kept catalogue is damaged: %w", err)
	}
	if kept.URL != s.Location {
		return keptCopy{}, Catalogue{}, errors.New("the kept catalogue is another address's")
	}
	c, err := ReadCatalogue(kept.Text)
	if err != nil {
		return keptCopy{}, Catalogue{}, err
	}
	return kept, c, nil
}

// keep writes the copy. That it cannot be written is no reason not to mine.
func (s Source) keep(k keptCopy) error {
	if s.Cache == "" {
		return nil
	}
	text, err := json.Marshal(k)
	if err == nil {
		err = os.MkdirAll(s.Cache, 0o700)
	}
	if err == nil {
		err = durable.Replace(filepath.Join(s.Cache, copyName), text)
	}
	if err != nil {
		return fmt.Errorf("keep a copy of the catalogue: %w", err)
	}
	return nil
}
