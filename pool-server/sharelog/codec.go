package sharelog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// The encoding of a batch, version 2. Numbers are varints of encoding/binary
// unless said otherwise; texts and bytes follow their length.
//
//	batch    = 'A' version position writer count record* crc
//	record   = flags [identity] [difficulty] time-delta [height] [price] [block]
//	identity = 0 pool account worker | n           n: the n-th one told in this batch, from 1
//	block    = hash height reward raw
//	crc      = CRC-32C of all before it, 4 bytes little endian
//
// Flags say what is as in the record before (identity, difficulty, height), so
// that a miner's next share takes about four bytes; a price holds until there is
// another, and is 0 at first. The time is signed milliseconds since the record
// before, for the first one since 1970. Version 1 is the same without solo and price.
const (
	codecMagic   = 'A'
	codecVersion = 2

	sameIdentity   = 1 << 0
	sameDifficulty = 1 << 1
	sameHeight     = 1 << 2
	hasBlock       = 1 << 3
	solo           = 1 << 4 // since version 2, as is the next
	newPrice       = 1 << 5
	firstFlags     = sameIdentity | sameDifficulty | sameHeight | hasBlock
	knownFlags     = firstFlags | solo | newPrice

	minRecordSize = 2 // flags and time
	crcSize       = 4
)

// castagnoli is CRC-32C, which processors compute by themselves.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var (
	errChecksum = errors.New("checksum does not match")
	errCut      = errors.New("ends too early")
)

// identity is whose share a record is.
type identity struct{ pool, account, worker string }

// Batch is what one message of the log holds.
type Batch struct {
	Position uint64 // where it stands in the log
	Writer   uint64 // a random number of the Log that wrote it: tells equal batches of two writers apart
	Records  []Record
}

// Encode returns the stored form of a batch. The records must be within the
// limits of this package, which Append makes sure of.
func (batch Batch) Encode() []byte {
	b := make([]byte, 0, sizeHint(batch.Records))
	b = append(b, codecMagic, codecVersion)
	b = binary.AppendUvarint(b, batch.Position)
	b = binary.AppendUvarint(b, batch.Writer)
	b = binary.AppendUvarint(b, uint64(len(batch.Records)))
	e := encoder{known: make(map[identity]uint64)}
	for i := range batch.Records {
		b = e.record(b, &batch.Records[i])
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func sizeHint(rs []Record) int {
	n := 64 + 24*len(rs)
	for i := range rs {
		if rs[i].Block != nil {
			n += len(rs[i].Block.Raw) + 128
		}
	}
	return n
}

// encoder holds what the last record was like.
type encoder struct {
	known      map[identity]uint64
	id         identity
	difficulty float64
	height     int64
	price      float64
	ms         int64
}

func (e *encoder) record(b []byte, r *Record) []byte {
	id := identity{r.Pool, r.Account, r.Worker}
	first := len(e.known) == 0
	flagsAt := len(b)
	var flags byte
	b = append(b, 0)
	if !first && id == e.id {
		flags |= sameIdentity
	} else {
		b = e.identity(b, id)
	}
	if !first && r.Difficulty == e.difficulty {
		flags |= sameDifficulty
	} else {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(r.Difficulty))
	}
	ms := r.Time.UnixMilli()
	b = binary.AppendVarint(b, ms-e.ms)
	if !first && r.Height == e.height {
		flags |= sameHeight
	} else {
		b = binary.AppendVarint(b, r.Height)
	}
	if r.Solo {
		flags |= solo
	}
	if r.Price != e.price {
		flags |= newPrice
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(r.Price))
	}
	if r.Block != nil {
		flags |= hasBlock
		b = appendText(b, r.Block.Hash)
		b = binary.AppendVarint(b, r.Block.Height)
		b = binary.AppendVarint(b, int64(r.Block.Reward))
		b = appendText(b, string(r.Block.Raw))
	}
	b[flagsAt] = flags
	e.id, e.difficulty, e.height, e.price, e.ms = id, r.Difficulty, r.Height, r.Price, ms
	return b
}

func (e *encoder) identity(b []byte, id identity) []byte {
	if n, ok := e.known[id]; ok {
		return binary.AppendUvarint(b, n)
	}
	e.known[id] = uint64(len(e.known)) + 1
	b = append(b, 0)
	b = appendText(b, id.pool)
	b = appendText(b, id.account)
	return appendText(b, id.worker)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// DecodeBatch is the inverse of Encode. It refuses everything that Encode cannot
// have written: bad checksums, unknown versions, cut or overlong batches, names
// and difficulties out of range.
func DecodeBatch(b []byte) (Batch, error) {
	if len(b) < 4+crcSize || b[0] != codecMagic {
		return Batch{}, errors.New("not a batch of shares")
	}
	if b[1] < 1 || b[1] > codecVersion {
		return Batch{}, fmt.Errorf("batch of version %d; this program knows 1 to %d", b[1], codecVersion)
	}
	body, sum := b[:len(b)-crcSize], binary.LittleEndian.Uint32(b[len(b)-crcSize:])
	if crc32.Checksum(body, castagnoli) != sum {
		return Batch{}, errChecksum
	}
	d := decoder{b: body[2:], flags: knownFlags}
	if b[1] == 1 {
		d.flags = firstFlags
	}
	batch := Batch{Position: d.uvarint(), Writer: d.uvarint()}
	count := d.uvarint()
	if count > uint64(len(d.b)/minRecordSize) {
		return Batch{}, errCut
	}
	batch.Records = make([]Record, count)
	for i := range batch.Records {
		if batch.Records[i] = d.record(i == 0); d.err != nil {
			return Batch{}, fmt.Errorf("record %d of %d: %w", i+1, count, d.err)
		}
	}
	if len(d.b) > 0 {
		return Batch{}, fmt.Errorf("%d bytes too many", len(d.b))
	}
	return batch, d.err
}

// decoder reads b from the front. After the first fault everything reads as zero
// and err stays.
type decoder struct {
	b     []byte
	err   error
	flags byte // that the version has
	known []identity
	last  Record
	ms    int64
}

func (d *decoder) record(first bool) Record {
	flags := d.byte()
	if flags&^d.flags != 0 || first && flags&(sameIdentity|sameDifficulty|sameHeight) != 0 {
		d.fail(fmt.Errorf("unknown flags %#x", flags))
	}
	r := d.last
	r.Block, r.Solo = nil, flags&solo != 0
	if flags&sameIdentity == 0 {
		id := d.identity()
		r.Pool, r.Account, r.Worker = id.pool, id.account, id.worker
	}
	if flags&sameDifficulty == 0 {
		r.Difficulty = d.float()
	}
	d.ms += d.varint()
	r.Time = time.UnixMilli(d.ms).UTC()
	if flags&sameHeight == 0 {
		r.Height = d.varint()
	}
	if flags&newPrice != 0 {
		r.Price = d.float()
	}
	if flags&hasBlock != 0 {
		r.Block = &Block{Hash: d.text(MaxText), Height: d.varint(), Reward: coin.Amount(d.varint())}
		r.Block.Raw = []byte(d.text(MaxBlockBytes))
	}
	if d.err == nil {
		d.fail(r.validate())
	}
	d.last = r
	return r
}

func (d *decoder) identity() identity {
	n := d.uvarint()
	if n == 0 {
		id := identity{d.text(MaxText), d.text(MaxText), d.text(MaxText)}
		d.known = append(d.known, id)
		return id
	}
	if n > uint64(len(d.known)) {
		d.fail(fmt.Errorf("name %d of %d", n, len(d.known)))
		return identity{}
	}
	return d.known[n-1]
}

func (d *decoder) fail(err error) {
	if err != nil && d.err == nil {
		d.err, d.b = err, nil
	}
}

func (d *decoder) byte() byte {
	b := d.take(1)
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail(errCut)
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail(errCut)
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail(errCut)
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) float() float64 {
	b := d.take(8)
	if len(b) < 8 {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

func (d *decoder) text(limit uint64) string {
	n := d.uvarint()
	if n > limit {
		d.fail(fmt.Errorf("text of %d bytes, want at most %d", n, limit))
		return ""
	}
	return string(d.take(n))
}
