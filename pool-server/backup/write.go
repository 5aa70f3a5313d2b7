package backup

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/adit-mining/adit/miners/durable"
	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
)

// Source is what a backup is made of.
type Source struct {
	Config  *config.Config
	Program string // version of this program
	Secrets bool   // take secrets/ along
}

// Write makes a backup of s and writes it to w. It returns what is in it.
func Write(ctx context.Context, s Source, w io.Writer) (m Manifest, err error) {
	where, err := s.Config.Ledger()
	if err != nil {
		return m, err
	}
	book, err := ledger.DumpAt(ctx, where.Reveal())
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	files, err := configuration(s)
	if err != nil {
		return m, err
	}
	m = s.manifest(book)
	for _, f := range files {
		m.Members = append(m.Members, Member{Name: f.name, Size: int64(len(f.text)), SHA256: f.sum()})
	}
	m.Missing = missing(s.Config, m)
	for _, t := range book.Tables {
		member, err := writeTable(ctx, book, t, io.Discard)
		if err != nil {
			return m, err
		}
		m.Members = append(m.Members, member)
	}
	return m, m.write(ctx, book, files, w)
}

func (s Source) manifest(book *ledger.Dump) Manifest {
	m := Manifest{
		Format: format, Version: Version, Made: time.Now().UTC().Truncate(time.Second), Program: s.Program,
		Server: s.Config.Server.Name, Schema: book.Schema, LogPosition: book.Position, Log: book.Log, Secrets: s.Secrets,
	}
	for _, p := range s.Config.Pools {
		m.Pools = append(m.Pools, p.ID)
	}
	return m
}

// writeTable writes a table, and says what a member of the backup it is.
func writeTable(ctx context.Context, book *ledger.Dump, t ledger.Table, w io.Writer) (Member, error) {
	c := counter{sum: sha256.New()}
	tally, err := book.Write(ctx, t, io.MultiWriter(w, &c))
	return Member{Name: tableName(t.Name), Size: c.size, SHA256: hex.EncodeToString(c.sum.Sum(nil)), Table: &t, Tally: &tally}, err
}

// counter counts and sums what is written to it.
type counter struct {
	size int64
	sum  hash.Hash
}

func (c *counter) Write(b []byte) (int, error) {
	c.size += int64(len(b))
	return c.sum.Write(b)
}

// write writes the whole backup. What the tables are was found out before; they cannot
// have changed since.
func (m Manifest) write(ctx context.Context, book *ledger.Dump, files []file, w io.Writer) error {
	zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(zip)
	text, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return err
	}
	for _, f := range append([]file{{manifestName, text}}, files...) {
		if err := header(archive, f.name, int64(len(f.text)), m.Made); err != nil {
			return err
		}
		if _, err := archive.Write(f.text); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	for _, member := range m.Members {
		if !member.table() {
			continue
		}
		if err := header(archive, member.Name, member.Size, m.Made); err != nil {
			return err
		}
		again, err := writeTable(ctx, book, *member.Table, archive)
		if err != nil {
			return err
		}
		if again.SHA256 != member.SHA256 {
			return fmt.Errorf("table %s changed while it was read, which no transaction allows", member.Table.Name)
		}
	}
	return errors.Join(archive.Close(), zip.Close())
}

func header(archive *tar.Writer, name string, size int64, made time.Time) error {
	// GNU's form can say sizes beyond 8 GiB without further records.
	err := archive.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: made, Typeflag: tar.TypeReg, Format: tar.FormatGNU})
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// file is a file of the configuration.
type file struct {
	name string // below the configuration folder, with slashes
	text []byte
}

func (f file) sum() string {
	sum := sha256.Sum256(f.text)
	return hex.EncodeToString(sum[:])
}

// configuration reads the files that a backup has beside the ledger.
func configuration(s Source) (files []file, err error) {
	names := []string{serverName}
	for dir, ending := range configDirs {
		if dir == secretsDir && !s.Secrets {
			continue
		}
		entries, err := os.ReadDir(filepath.Join(s.Config.Dir, dir))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read the configuration: %w", err)
		}
		for _, e := range entries {
			if !e.IsDir() && strings.HasSuffix(e.Name(), ending) {
				names = append(names, dir+"/"+e.Name())
			}
		}
	}
	slices.Sort(names)
	for _, name := range names {
		f := file{name: name}
		if f.text, err = os.ReadFile(filepath.Join(s.Config.Dir, filepath.FromSlash(name))); err != nil {
			return nil, fmt.Errorf("read the configuration: %w", err)
		}
		if !knownName(name) || len(f.text) > maxFile {
			return nil, fmt.Errorf("%s cannot be in a backup: give it a plain name and at most %d bytes", name, maxFile)
		}
		files = append(files, f)
	}
	return files, nil
}

// missing names the files that the configuration points to and the backup lacks.
func missing(c *config.Config, m Manifest) (names []string) {
	for _, name := range c.Files() {
		inside := filepath.ToSlash(filepath.Clean(name))
		if filepath.IsAbs(name) {
			if rel, err := filepath.Rel(c.Dir, name); err == nil {
				inside = filepath.ToSlash(rel)
			}
		}
		if !m.has(inside) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// WriteFile makes a backup of s at name, which only its owner can read. It is written
// beside its place, read back, and then given its name: a crash leaves no half backup
// there. A file that is there already is replaced only with force.
func WriteFile(ctx context.Context, s Source, name string, force bool) (m Manifest, err error) {
	if _, err := os.Lstat(name); err == nil && !force {
		return m, fmt.Errorf("%s is there already: give another name, or --force to replace it", name)
	}
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, "."+filepath.Base(name)+".*.part") // mode 0600
	if err != nil {
		return m, fmt.Errorf("write the backup: %w", err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name()) // it may have its name already
		}
	}()
	if m, err = Write(ctx, s, f); err != nil {
		return m, errors.Join(err, f.Close())
	}
	if err = errors.Join(f.Sync(), f.Close()); err != nil {
		return m, fmt.Errorf("write the backup: %w", err)
	}
	if _, err = VerifyFile(f.Name()); err != nil {
		return m, fmt.Errorf("what was written is not what is read back; the disk cannot be trusted: %w", err)
	}
	if err = os.Rename(f.Name(), name); err != nil {
		return m, fmt.Errorf("write the backup: %w", err)
	}
	if err := durable.SyncDir(dir); err != nil {
		return m, fmt.Errorf("write the backup: %w", err)
	}
	return m, nil
}

// Sum is the SHA-256 of a file.
func Sum(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// WriteStream makes a backup of s into a stream that cannot be read back, such as
// standard output, and checks what goes there on its way.
func WriteStream(ctx context.Context, s Source, w io.Writer) (m Manifest, err error) {
	reader, writer := io.Pipe()
	var g errgroup.Group
	g.Go(func() error {
		_, err := Verify(reader)
		return errors.Join(err, reader.CloseWithError(err))
	})
	m, err = Write(ctx, s, io.MultiWriter(w, writer))
	err = errors.Join(err, writer.CloseWithError(err))
	if wrong := g.Wait(); err == nil {
		err = wrong
	}
	return m, err
}
