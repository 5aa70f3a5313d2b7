package paper_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/adit-mining/adit/wallet/paper"
)

func TestScratch(t *testing.T) {
	os.MkdirAll("/tmp/wt-paper-out", 0o755)
	for _, l := range []string{"en", "de", "ru", "he", "fr"} {
		for k := paper.ByHand; k <= paper.Encrypted; k++ {
			for size := paper.A4; size <= paper.Letter; size++ {
				b, err := paper.PDF(sheet(t, k, size, l))
				if err != nil {
					t.Fatal(l, k, err)
				}
				os.WriteFile(fmt.Sprintf("/tmp/wt-paper-out/%s-%s-%s.pdf", l, k, size), b, 0o644)
			}
		}
	}
	s := sheet(t, paper.Everything, paper.A4, "de")
	s.Words = longWords
	for i := range 20 {
		s.Addresses = append(s.Addresses, s.Addresses[i%4])
	}
	b, err := paper.PDF(s)
	fmt.Println(err, len(b))
	os.WriteFile("/tmp/wt-paper-out/long.pdf", b, 0o644)
	s.Words, s.WIF, s.WIFCoin = nil, testWIF, "Litecoin"
	b, err = paper.PDF(s)
	fmt.Println(err, len(b))
	os.WriteFile("/tmp/wt-paper-out/key.pdf", b, 0o644)
	s.Kind = paper.ByHand
	b, _ = paper.PDF(s)
	os.WriteFile("/tmp/wt-paper-out/keyhand.pdf", b, 0o644)
	s.Words = longWords
	b, _ = paper.PDF(s)
	os.WriteFile("/tmp/wt-paper-out/longhand.pdf", b, 0o644)
}
