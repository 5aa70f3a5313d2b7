package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/adit-mining/adit/app/instance"
	"github.com/adit-mining/adit/wallet"
)

const exportWarning = `WARNING: what follows is your private key. Whoever sees it can spend your coins,
now and later. Give it to your own wallet only; never to a website, a chat, or
somebody who offers help.
`

func keyExport(args []string, stdin *bufio.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit key export", flag.ContinueOnError)
	data := flags.String("data", "", "`folder` for key and settings")
	words := flags.Bool("words", false, "print the words that the key is derived from")
	wif := flags.Bool("wif", false, "print the private key as wallets import it")
	bip38 := flags.Bool("bip38", false, "print the private key locked by the password on stdin's next line")
	id := flags.String("coin", "", "`id` of the wallet's coin, as litecoin")
	net := flags.String("net", "main", "`network`: main, test or regtest")
	out := flags.String("out", "", "write it to this new `file` instead")
	backup := flags.String("backup", "", "write a backup to this new `file`, locked by the password on stdin's next line")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	chosen := 0
	for _, is := range []bool{*words, *wif, *bip38, *backup != ""} {
		if is {
			chosen++
		}
	}
	if chosen != 1 || *wif && *id == "" {
		return usageError{errors.New("key export: want --wif --coin ID, --words, --bip38, or --backup FILE")}
	}
	n, err := networks(*id, *net)
	if err != nil {
		return usageError{err}
	}
	dir, err := dataDir(*data)
	if err != nil {
		return err
	}
	r, _, err := openKey(dir, stdin, stderr)
	if err != nil {
		return err
	}
	var text string
	switch {
	case *backup != "":
		password, err := readNewPassword("the backup", stdin, stderr)
		if err != nil {
			return err
		}
		return wallet.SaveKeyFile(*backup, r, wallet.KeyFileOptions{Passphrase: password})
	case *bip38:
		password, err := readNewPassword("the private key", stdin, stderr)
		if err != nil {
			return err
		}
		if text, err = r.Key().BIP38(password); err != nil {
			return err
		}
	case *words && r.Secret.Words() == nil:
		return errors.New("this key has no words: it was imported or is of an early version; use --wif or --backup")
	case *words:
		text = strings.Join(r.Secret.Words(), " ")
	default:
		text = r.Key().WIF(n[0])
	}
	if !*bip38 {
		if _, err := io.WriteString(stderr, exportWarning); err != nil {
			return err
		}
	}
	if *out == "" {
		_, err = io.WriteString(stdout, text+"\n")
		return err
	}
	return writeNew(*out, text+"\n")
}

// openKey opens the key of the folder or makes one. If it is locked, its password is
// on stdin's next line.
func openKey(dir string, stdin *bufio.Reader, stderr io.Writer) (wallet.Keyring, wallet.Folder, error) {
	f := wallet.Folder{Dir: dir}
	r, created, err := f.OpenOrCreate()
	sayMade(stderr, dir, created)
	if !errors.Is(err, wallet.ErrLocked) {
		return r, f, err
	}
	if f.Password, err = askPassword("Password of the key", stdin, stderr); err != nil {
		return wallet.Keyring{}, f, err
	}
	r, _, err = f.OpenOrCreate()
	return r, f, err
}

// sayMade says that a folder had no key, for whoever named the wrong one.
func sayMade(stderr io.Writer, dir string, created bool) {
	if created {
		fmt.Fprintf(stderr, "There was no mining key in %s: a new one was made.\n", dir)
	}
}

// shortestPassword is in characters.
const shortestPassword = 8

func readNewPassword(what string, stdin *bufio.Reader, stderr io.Writer) (string, error) {
	password, err := askPassword(fmt.Sprintf("Password for %s (%d characters or more)", what, shortestPassword), stdin, stderr)
	if err != nil {
		return "", err
	}
	if len([]rune(password)) < shortestPassword {
		return "", fmt.Errorf("the password needs %d characters or more", shortestPassword)
	}
	return password, nil
}

// writeNew writes a secret into a file that must not be there yet. After an error, a
// full disk's say, no part of the secret is left, and another try finds the name free.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("export the key: %w; nothing is overwritten: give a new file's name", err)
	}
	if err != nil {
		return fmt.Errorf("export the key: %w", err)
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("export the key: %w", errors.Join(err, os.Remove(path)))
	}
	return nil
}

// keyNew makes a key: the first one of the folder, the next one, or one that only goes
// into a file.
func keyNew(args []string, stdin *bufio.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit key new", flag.ContinueOnError)
	data := flags.String("data", "", "`folder` for key and settings")
	next := flags.Bool("next", false, "put a new key in the place of the one that is there, which is kept beside it")
	out := flags.String("out", "", "put it nowhere, and write its words to this new `file`")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	p := &printer{to: stdout}
	if *out != "" {
		s, err := wallet.NewSecret(nil)
		if err != nil {
			return err
		}
		k, err := s.Key(0)
		if err != nil {
			return err
		}
		if err := writeNew(*out, strings.Join(s.Words(), " ")+"\n"); err != nil {
			return err
		}
		p.say("Mining key %s is in %s and nowhere else. Whoever reads that file can spend its coins.", k.MiningKey(), *out)
		return p.err
	}
	dir, err := dataDir(*data)
	if err != nil {
		return err
	}
	only, err := instance.Take(dir) // who mines goes on for the key that it began with
	if err != nil {
		return err
	}
	defer only.Release()
	if !*next {
		r, created, err := wallet.OpenOrCreate(dir)
		switch {
		case errors.Is(err, wallet.ErrLocked) || err == nil && !created:
			return errors.New("there is a key already; --next puts a new one in its place and keeps it")
		case err != nil:
			return err
		}
		p.say("Mining key %s is in use now.", r.Key().MiningKey())
		return p.err
	}
	_, folder, err := openKey(dir, stdin, stderr)
	if err != nil {
		return err
	}
	r, kept, err := folder.Rotate()
	if err != nil {
		return err
	}
	p.say("Mining key %s is in use now.", r.Key().MiningKey())
	p.say("The key before it is kept in %s.", kept)
	return p.err
}

func keyImport(verb string, args []string, stdin *bufio.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit key "+verb, flag.ContinueOnError)
	data := flags.String("data", "", "`folder` for key and settings")
	file := flags.String("file", "", "`file` with words, a private key or a backup; without it stdin is read")
	replace := flags.Bool("replace", false, "put it in the place of another key, which is kept beside it")
	index := flags.Uint("index", 0, "`number` of the key, from words")
	born := flags.String("born", "", "`day` since when it can have coins, as 2026-11-23")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	birthday, err := time.Parse(time.DateOnly, *born)
	if *born != "" && err != nil {
		return usageError{fmt.Errorf("born: want a day as 2026-11-23, have %q", *born)}
	}
	dir, err := dataDir(*data)
	if err != nil {
		return err
	}
	only, err := instance.Take(dir) // who mines goes on for the key that it began with
	if err != nil {
		return err
	}
	defer only.Release()
	reading, err := readSecret(*file, stdin, stderr)
	if err != nil {
		return err
	}
	r := reading.Keyring
	if _, err := keyAt(&r, *index); err != nil {
		return err
	}
	if *born != "" {
		r.Created = birthday
	}
	var kept string
	if *replace {
		kept, err = wallet.Replace(dir, r)
	} else if err = wallet.Import(dir, r); errors.Is(err, wallet.ErrOtherKey) {
		err = fmt.Errorf("%w; --replace puts this one in its place and keeps the old file", err)
	}
	if err != nil {
		return err
	}
	p := &printer{to: stdout}
	p.say("Mining key %s is in use now.", r.Key().MiningKey())
	if !reading.Compressed {
		p.say("Coins that it has from before are at other addresses, which Adit does not show here but can send (adit sweep).")
	}
	if kept != "" {
		p.say("The key before it is kept in %s.", kept)
	}
	return p.err
}

// largestKeyFile is far more than a key file takes, in bytes.
const largestKeyFile = 64 << 10

func readFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the key: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, largestKeyFile))
	if err != nil {
		return "", fmt.Errorf("read the key: %w", err)
	}
	return string(text), nil
}

// prompt says what is to be typed, if somebody types.
func prompt(stderr io.Writer, text string) {
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprint(stderr, text)
	}
}

// askPassword reads a password from the next line of stdin.
func askPassword(what string, stdin *bufio.Reader, stderr io.Writer) (string, error) {
	prompt(stderr, what+": ")
	password, err := readLine(stdin)
	if errors.Is(err, io.EOF) {
		err = errors.New("want it on the next line of stdin")
	}
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return password, nil
}

func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}
