package pow_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
)

var algorithms = []pow.Algorithm{pow.SHA256d, pow.Scrypt}

func TestCompactTargets(t *testing.T) {
	for _, row := range []struct {
		bits uint32
		want string // hexadecimal digits without leading zeros; empty for an error
	}{
		{0x1d00ffff, "ffff" + strings.Repeat("00", 26)},
		{0x1e0ffff0, "ffff0" + strings.Repeat("00", 27)},
		{0x207fffff, "7fffff" + strings.Repeat("00", 29)},
		{0x1b0404cb, "404cb" + strings.Repeat("00", 24)},
		{0x01120000, "12"}, // the digits below one are cut off
		{0x02123400, "1234"},
		{0x05009234, "92340000"},
		{0x2100ffff, "ffff" + strings.Repeat("00", 30)},
		{0x220000ff, "ff" + strings.Repeat("00", 31)},
		{0x00123456, ""}, // all digits below one
		{0x00000000, ""},
		{0x1d000000, ""},
		{0x01003456, ""},
		{0x1d800001, ""}, // negative
		{0x21010000, ""}, // above 2^256-1
		{0x2200ffff, ""},
		{0xff7fffff, ""},
	} {
		got, err := pow.TargetFromBits(row.bits)
		if row.want == "" {
			if !errors.Is(err, pow.ErrBits) {
				t.Errorf("TargetFromBits(%08x) = %v, %v, want ErrBits", row.bits, got, err)
			}
			continue
		}
		if err != nil || strings.TrimLeft(got.String(), "0") != row.want {
			t.Errorf("TargetFromBits(%08x) = %v, %v, want %v", row.bits, got, err, row.want)
		}
	}
}

func TestKnownDifficulties(t *testing.T) {
	for _, row := range []struct {
		algorithm  pow.Algorithm
		difficulty pow.Difficulty
		want       string
	}{
		{pow.SHA256d, 1, "00000000ffff" + strings.Repeat("00", 26)},
		{pow.Scrypt, 1, "0000ffff" + strings.Repeat("00", 28)},
		{pow.Scrypt, 65536, "00000000ffff" + strings.Repeat("00", 26)},
		{pow.SHA256d, 2, "000000007fff80" + strings.Repeat("00", 25)},
		{pow.Scrypt, 0.5, "0001fffe" + strings.Repeat("00", 28)},
		{pow.Scrypt, 1e-9, strings.Repeat("ff", 32)},
		{pow.SHA256d, 0, strings.Repeat("ff", 32)},
		{pow.SHA256d, -1, strings.Repeat("ff", 32)},
		{pow.SHA256d, pow.Difficulty(math.NaN()), strings.Repeat("ff", 32)},
		{pow.SHA256d, math.SmallestNonzeroFloat64, strings.Repeat("ff", 32)},
		{pow.SHA256d, math.MaxFloat64, strings.Repeat("00", 32)},
		{pow.SHA256d, pow.Difficulty(math.Inf(1)), strings.Repeat("00", 32)},
	} {
		if got := pow.TargetFromDifficulty(row.algorithm, row.difficulty); got.String() != row.want {
			t.Errorf("%v difficulty %v = %v, want %v", row.algorithm, row.difficulty, got, row.want)
		}
	}
}

func TestTargetAndDifficultyInvert(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		for _, a := range algorithms {
			d := pow.Difficulty(math.Exp(random.Float64()*60 - 8)) // 0.0003 ... 4e22
			if a == pow.SHA256d {
				d += 1e-9
			}
			got := pow.TargetFromDifficulty(a, d).Difficulty(a)
			if math.Abs(float64(got/d)-1) > 1e-12 {
				t.Fatalf("%v: difficulty %v came back as %v", a, d, got)
			}
		}
	}
	if d := (pow.Target{}).Difficulty(pow.SHA256d); !math.IsInf(float64(d), 1) {
		t.Errorf("difficulty of the zero target = %v, want +Inf", d)
	}
}

func TestHarderIsNeverEasier(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		d := pow.Difficulty(math.Exp(random.Float64()*200 - 100))
		harder := pow.Difficulty(math.Nextafter(float64(d), math.Inf(1)))
		easy, hard := pow.TargetFromDifficulty(pow.Scrypt, d), pow.TargetFromDifficulty(pow.Scrypt, harder)
		if !easy.MetBy(pow.Hash(hard)) {
			t.Fatalf("target of %v is %v, of the harder %v it is %v", d, easy, harder, hard)
		}
	}
}

func TestMetByIsComparisonOfNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		var target pow.Target
		var hash pow.Hash
		shared := random.IntN(33) // equal leading bytes make near misses
		for i := range target {
			target[i], hash[i] = byte(random.Uint32()), byte(random.Uint32())
			if i < shared {
				hash[i] = target[i]
			}
		}
		want := new(big.Int).SetBytes(hash[:]).Cmp(new(big.Int).SetBytes(target[:])) <= 0
		if got := target.MetBy(hash); got != want {
			t.Fatalf("%v.MetBy(%v) = %v", target, hash, got)
		}
	}
}

func TestHashesPerShare(t *testing.T) {
	for _, row := range []struct {
		algorithm  pow.Algorithm
		difficulty pow.Difficulty
		want       float64
	}{
		{pow.SHA256d, 1, 4295032833},
		{pow.Scrypt, 1, 65537},
		{pow.Scrypt, 16, 1048592},
		{pow.Scrypt, 1e-9, 1}, // a share is at least one hash
		{pow.SHA256d, 0, 1},
		{pow.SHA256d, pow.Difficulty(math.NaN()), 1},
	} {
		got := row.algorithm.Hashes(row.difficulty)
		if math.Abs(got/row.want-1) > 1e-9 {
			t.Errorf("%v.Hashes(%v) = %v, want %v", row.algorithm, row.difficulty, got, row.want)
		}
	}
}

func TestHashrateInWords(t *testing.T) {
	for rate, want := range map[pow.Hashrate]string{
		0: "0.00 H/s", 999.99: "999.99 H/s", 999.996: "1.00 kH/s", 1234: "1.23 kH/s",
		1.5e6: "1.50 MH/s", 1e9: "1.00 GH/s", 2.5e20: "250.00 EH/s", 1e30: "1000000000.00 ZH/s",
		pow.Hashrate(math.Inf(1)): "unknown",
	} {
		if got := rate.String(); got != want {
			t.Errorf("%v = %q, want %q", float64(rate), got, want)
		}
	}
}

func TestAlgorithmNames(t *testing.T) {
	for name, want := range map[string]pow.Algorithm{"sha256d": pow.SHA256d, "SHA256": pow.SHA256d, "Scrypt": pow.Scrypt} {
		if got, err := pow.ParseAlgorithm(name); err != nil || got != want {
			t.Errorf("ParseAlgorithm(%q) = %v, %v, want %v", name, got, err, want)
		}
	}
	if _, err := pow.ParseAlgorithm("scrypt-n"); err == nil {
		t.Error("ParseAlgorithm(scrypt-n) succeeded")
	}
}

func TestHashTextRoundTrip(t *testing.T) {
	in := pow.HashFromBytes([32]byte{1, 2, 3})
	if in.Bytes() != [32]byte{1, 2, 3} {
		t.Errorf("Bytes = %x", in.Bytes())
	}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out pow.Hash
	if err := json.Unmarshal(text, &out); err != nil || out != in {
		t.Errorf("%s came back as %v, %v", text, out, err)
	}
	for _, bad := range []string{"", "00", strings.Repeat("0", 63) + "g", strings.Repeat("0", 66)} {
		if h, err := pow.ParseHash(bad); err == nil {
			t.Errorf("ParseHash(%q) = %v", bad, h)
		}
		if target, err := pow.ParseTarget(bad); err == nil {
			t.Errorf("ParseTarget(%q) = %v", bad, target)
		}
	}
}

func TestHashesOfATarget(t *testing.T) {
	for _, row := range []struct {
		target string
		want   float64
	}{
		{strings.Repeat("ff", 32), 1},
		{"7f" + strings.Repeat("ff", 31), 2},
		{"0000" + strings.Repeat("ff", 30), 1 << 16},
		{"00000000ffff" + strings.Repeat("00", 26), 4295032833},
		{strings.Repeat("00", 32), math.Pow(2, 256)},
	} {
		target, err := pow.ParseTarget(row.target)
		if err != nil {
			t.Fatal(err)
		}
		if got := target.Hashes(); math.Abs(got-row.want) > 1e-9*row.want {
			t.Errorf("%s: got %v hashes, want %v", row.target, got, row.want)
		}
	}
}
