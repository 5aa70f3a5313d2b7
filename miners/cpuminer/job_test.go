package cpuminer_test

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cpuminer"
	"github.com/adit-mining/adit/miners/pow"
)

// blockOne is Bitcoin's second block as a pool would have announced it, its
// coinbase cut so that six bytes of the output key are the extranonces.
const blockOne = `["1",
"0a8ce26f72b3f1b646a2a6c14ff763ae65e831e939c085ae0019d66800000000".previous,
"01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff0704ffff001d0104ffffffff0100f2052a01000000434104",
"519c726a2c91e61ec11600ae1390813a627c66fb8be7947be63c52da7589379515d4e0a604f8141781e62294721166bf621e73a82cbf2342c858eeac00000000",
[],"00000001","1d00ffff","4966bc61",true]`

func params(t testing.TB, text string) (list []json.RawMessage) {
	t.Helper()
	// The previous block's hash, as in a header, each group of four bytes in reverse.
	header, _ := hex.DecodeString("6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000")
	for i := 0; i < 32; i += 4 {
		binary.BigEndian.PutUint32(header[i:], binary.LittleEndian.Uint32(header[i:]))
	}
	first := strings.Index(text, `".previous`)
	if first > 0 {
		text = text[:first-64] + hex.EncodeToString(header) + `"` + text[first+len(`".previous`):]
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestHeaderOfARealBlock(t *testing.T) {
	extranonce1, _ := hex.DecodeString("96b538e8")
	header, _, err := cpuminer.Header(params(t, blockOne), extranonce1, []byte{0x53})
	if err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint32(header[76:], 2573394689)
	h, err := pow.NewHasher(pow.SHA256d)
	if err != nil {
		t.Fatal(err)
	}
	want := "00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048"
	if got := h.Sum(&header); got.String() != want {
		t.Errorf("block 1 = %v, want %v", got, want)
	}
}

func TestNoTwoUnitsOfWorkAreAlike(t *testing.T) {
	for _, row := range []struct {
		size, n int
		taken   uint64
		want    int    // units there are
		last    uint32 // seconds by which the last one's time is put forward
	}{
		{4, 1000, 0, 1000, 0},
		{1, 1000, 7, 1000, 3},
		{0, 1000, 5, 601, 600},
		{2, 70000, 65535, 70000, 1},
		{8, 10, 1 << 63, 10, 0},
		{16, 10, 3, 10, 0},
	} {
		headers, times, err := cpuminer.Deal(params(t, blockOne), row.size, row.n, row.taken)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[[80]byte]bool{}
		for _, h := range headers {
			seen[h] = true
		}
		if len(seen) != row.want || times[len(times)-1] != 0x4966bc61+row.last {
			t.Errorf("%d bytes of extranonce2: %d different units, last time +%d; want %d, +%d",
				row.size, len(seen), times[len(times)-1]-0x4966bc61, row.want, row.last)
		}
	}
}

func TestDamagedJobsAreRefused(t *testing.T) {
	good := params(t, blockOne)
	for i, bad := range map[int]string{0: `7`, 1: `"00"`, 2: `"0g"`, 3: `"0"`, 4: `["00"]`, 5: `"1"`, 6: `1`, 7: `"xxxxxxxx"`, 8: `"yes"`} {
		list := append([]json.RawMessage(nil), good...)
		list[i] = json.RawMessage(bad)
		if _, _, err := cpuminer.Header(list, nil, nil); err == nil {
			t.Errorf("parameter %d = %s was accepted", i, bad)
		}
	}
	if _, _, err := cpuminer.Header(good[:8], nil, nil); err == nil {
		t.Error("8 parameters were accepted")
	}
}

func FuzzPool(f *testing.F) {
	f.Add([]byte(subscribed))
	f.Add([]byte(`{"id":null,"method":"mining.notify","params":["1","","","",[],"","","",true]}` + "\n"))
	f.Add([]byte(`{"id":4,"result":null,"error":{"code":21,"message":"stale"}}` + "\n"))
	f.Add([]byte(`{"method":"client.reconnect","params":["host",3333,1e300]}` + "\n"))
	job, err := json.Marshal(map[string]any{"method": "mining.notify", "params": params(f, blockOne)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(job, '\n'))
	f.Fuzz(func(t *testing.T, stream []byte) { cpuminer.ReadAll(stream) })
}

func FuzzParse(f *testing.F) {
	for _, line := range []string{
		`{"event":"hashrate","hashrate":1234.5,"per_thread":[600,634.5]}`,
		`{"event":"accepted","accepted":3,"rejected":1}`,
		`{"event":"rejected","accepted":3,"rejected":2,"code":"21","reason":"stale"}`,
		`{"event":"job","job":"1f","height":5,"clean":true}`,
		`{"event":"problem","code":"dns-failed","reason":"no such host"}`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		p := cpuminer.Driver{}.NewParser()
		for range 2 {
			for _, e := range p.Parse(line) {
				if a, ok := e.(miners.Accepted); ok && a.N <= 0 {
					t.Errorf("%q gives %v accepted", line, a.N)
				}
			}
		}
	})
}
