package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/paper"
)

// paperSheet makes a sheet of paper for the key, and prints or opens it.
func paperSheet(ctx context.Context, r wallet.Keyring, s model.Sheet) (path string, err error) {
	pdf, err := sheetPDF(r, s)
	if err != nil {
		return "", err
	}
	if s.Do == model.PrintSheet {
		if err := paper.Print(ctx, pdf); err != nil {
			return "", fmt.Errorf("%w: %w", model.ErrNoPrinter, err)
		}
		return "", nil
	}
	path, err = paper.Open(ctx, pdf, "")
	if err != nil {
		return "", fmt.Errorf("%w: %w", model.ErrNoViewer, err)
	}
	return path, nil
}

// cleanSheets removes the files that a viewer was given: a secret may be in them. One
// that is held open now is removed the next time.
func cleanSheets() { _ = paper.Clean("") }

// sheetPDF draws the sheet. By hand it gets nothing secret.
func sheetPDF(r wallet.Keyring, s model.Sheet) ([]byte, error) {
	say, rightToLeft, err := paper.Words(s.Language)
	if err != nil {
		return nil, err
	}
	key := r.Key()
	sheet := paper.Sheet{MiningKey: key.MiningKey(), Path: r.Path(), Created: r.Created, Version: version, Pool: s.Pool, Say: say, RightToLeft: rightToLeft}
	if s.Letter {
		sheet.Size = paper.Letter
	}
	for _, id := range s.Coins {
		id, name, _ := strings.Cut(id, "/")
		n, err := networkOf(id, name)
		if err != nil || n.Coin.ShieldedCoinbase {
			continue // of the pool's own, or without an address of this key
		}
		sheet.Addresses = append(sheet.Addresses, paper.Address{Coin: n.Coin.Name, Symbol: n.Coin.Symbol, Address: n.PayoutAddress(key.PubKeyHash()).String()})
	}
	switch s.Way {
	case settings.Everything:
		sheet.Kind = paper.Everything
		if sheet.Words = r.Secret.Words(); sheet.Words == nil {
			bitcoin, err := networkOf("bitcoin", "main")
			if err != nil {
				return nil, err
			}
			sheet.WIF, sheet.WIFCoin = key.WIF(bitcoin), bitcoin.Coin.Name
		}
	case settings.Encrypted:
		sheet.Kind = paper.Encrypted
		if sheet.BIP38, err = key.BIP38(s.Password); err != nil {
			return nil, err
		}
	default:
		sheet.Kind = paper.ByHand
		sheet.Words = blanks(len(r.Secret.Words()))
	}
	return paper.PDF(sheet)
}

// blanks are as many words as a key has, and none of them.
func blanks(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = "word"
	}
	return all
}

// codesIn returns what the codes in a picture say.
func codesIn(picture io.Reader) ([]string, error) {
	texts, err := paper.ReadQR(picture)
	if errors.Is(err, paper.ErrNoCode) {
		return nil, model.ErrNoCode
	}
	return texts, err
}
