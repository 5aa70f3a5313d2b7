package devnet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"github.com/adit-mining/adit/miners/durable"
)

// kind says what a journal record holds.
type kind byte

const (
	blockRecord       kind = 'B' // a serialised block that was accepted, on any branch
	transactionRecord kind = 'T' // a serialised transaction that entered the mempool
	invalidateRecord  kind = 'I' // hash of a block declared invalid by hand
	reconsiderRecord  kind = 'R' // hash of a block no longer declared invalid
)

const (
	journalMagic = "adit devnet 1\n"
	recordHead   = 5 // length of the payload, kind
	recordTail   = 4 // checksum of kind and payload
	maxRecord    = 8 << 20
)

// journal is the append-only file that decides what the chain is. A record is
// acknowledged only after fsync; one torn by a crash was never acknowledged and is
// cut off at the next start. The caller serialises the calls.
type journal struct {
	file *os.File
	size int64
}

// openJournal reads all records in order into visit and leaves the journal ready to
// append. A damaged record before the end is an error: nothing is skipped silently.
func openJournal(path string, visit func(k kind, payload []byte, at int64) error) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{file: file}
	if err := j.scan(visit); err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s: %w", path, err), file.Close())
	}
	return j, durable.SyncDir(filepath.Dir(path))
}

func (j *journal) scan(visit func(kind, []byte, int64) error) error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < int64(len(journalMagic)) { // new, or killed while being made
		j.size = int64(len(journalMagic))
		if err := j.cut(0); err != nil {
			return err
		}
		_, err := j.file.WriteAt([]byte(journalMagic), 0)
		return errors.Join(err, j.file.Sync())
	}
	magic := make([]byte, len(journalMagic))
	if _, err := j.file.ReadAt(magic, 0); err != nil || string(magic) != journalMagic {
		return fmt.Errorf("not a journal of this program: %w", errors.Join(err))
	}
	for at := int64(len(journalMagic)); ; {
		k, payload, err := j.record(at, info.Size())
		if err == errTorn {
			j.size = at
			return j.cut(at)
		}
		if err != nil {
			return fmt.Errorf("damaged at byte %d: %w", at, err)
		}
		if err := visit(k, payload, at); err != nil {
			return fmt.Errorf("record at byte %d: %w", at, err)
		}
		at += recordHead + int64(len(payload)) + recordTail
	}
}

// errTorn marks the place where the acknowledged records end.
var errTorn = errors.New("end of records")

// record reads the record at a place. Something incomplete or wrong that reaches
// the end of the file, or is followed by nothing but zeros, is a torn write.
func (j *journal) record(at, end int64) (kind, []byte, error) {
	head := make([]byte, recordHead)
	if at+recordHead > end {
		return 0, nil, errTorn
	}
	if _, err := j.file.ReadAt(head, at); err != nil {
		return 0, nil, err
	}
	length := int64(binary.LittleEndian.Uint32(head))
	after := at + recordHead + length + recordTail
	if after > end {
		return 0, nil, errTorn
	}
	if length > maxRecord {
		return 0, nil, fmt.Errorf("record of %d bytes", length)
	}
	body := make([]byte, length+recordTail)
	if _, err := j.file.ReadAt(body, at+recordHead); err != nil {
		return 0, nil, err
	}
	payload := body[:length]
	if checksum(kind(head[4]), payload) != binary.LittleEndian.Uint32(body[length:]) {
		if after == end || j.zerosFrom(at, end) {
			return 0, nil, errTorn
		}
		return 0, nil, errors.New("checksum does not match")
	}
	return kind(head[4]), payload, nil
}

func (j *journal) zerosFrom(at, end int64) bool {
	rest, err := io.ReadAll(io.NewSectionReader(j.file, at, end-at))
	return err == nil && len(bytes.Trim(rest, "\x00")) == 0
}

func (j *journal) cut(at int64) error {
	return errors.Join(j.file.Truncate(at), j.file.Sync())
}

// append writes a record and returns its place once it is on disk. After an error
// the journal must not be used any more: its end is unknown.
func (j *journal) append(k kind, payload []byte) (at int64, err error) {
	record := binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))
	record = append(append(record, byte(k)), payload...)
	record = binary.LittleEndian.AppendUint32(record, checksum(k, payload))
	if _, err := j.file.WriteAt(record, j.size); err != nil {
		return 0, fmt.Errorf("write journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return 0, fmt.Errorf("write journal: %w", err)
	}
	at = j.size
	j.size += int64(len(record))
	return at, nil
}

// read returns the payload of the record at a place that append or visit told.
func (j *journal) read(at int64) ([]byte, error) {
	_, payload, err := j.record(at, j.size)
	return payload, err
}

func (j *journal) close() error { return j.file.Close() }

func checksum(k kind, payload []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum([]byte{byte(k)}, table), table, payload)
}

// writeFile replaces a small file so that after a crash it is whole, old or new.
func writeFile(path string, content []byte, mode os.FileMode) error {
	temporary := path + ".new"
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(path))
}
