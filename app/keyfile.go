package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/adit-mining/adit/app/instance"
	"github.com/adit-mining/adit/wallet"
)

const exportWarning = `WARNING: what follows is your private key. Whoever sees it can spend your coins,
now and later. Give it to your own wallet only; never to a website, a chat, or
somebody who offers help.
`

func keyExport(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit key export", flag.ContinueOnError)
	data := flags.String("data", "", "`folder` for key and settings")
	wif := flags.Bool("wif", false, "print the private key as wallets import it")
	id := flags.String("coin", "", "`id` of the wallet's coin, as litecoin")
	net := flags.String("net", "main", "`network`: main, test or regtest")
	out := flags.String("out", "", "write the key to this new `file` instead")
	backup := flags.String("backup", "", "write a backup to this new `file`, locked by the password on the first line of stdin")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	if *wif == (*backup != "") || *wif && *id == "" {
		return usageError{errors.New("key export: want --wif --coin ID, or --backup FILE")}
	}
	dir, err := dataDir(*data)
	if err != nil {
		return err
	}
	r, _, err := wallet.OpenOrCreate(dir)
	if err != nil {
		return err
	}
	if *backup != "" {
		return exportBackup(r, *backup, stdin, stderr)
	}
	n, err := networks(*id, *net)
	if err != nil {
		return usageError{err}
	}
	if _, err := io.WriteString(stderr, exportWarning); err != nil {
		return err
	}
	text := r.Key().WIF(n[0]) + "\n"
	if *out == "" {
		_, err = io.WriteString(stdout, text)
		return err
	}
	return writeNew(*out, text)
}

func exportBackup(r wallet.Keyring, path string, stdin io.Reader, stderr io.Writer) error {
	fmt.Fprint(stderr, "Password for the backup (8 characters or more): ")
	password, err := readLine(bufio.NewReader(stdin))
	if err != nil {
		return fmt.Errorf("read the password: %w", err)
	}
	if len([]rune(password)) < 8 {
		return errors.New("the password needs 8 characters or more")
	}
	return wallet.SaveKeyFile(path, r, wallet.KeyFileOptions{Passphrase: password})
}

// writeNew writes a secret into a file that must not be there yet.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("export the key: %w", err)
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("export the key: %w", err)
	}
	return nil
}

func keyImport(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit key import", flag.ContinueOnError)
	data := flags.String("data", "", "`folder` for key and settings")
	file := flags.String("file", "", "`file` with a WIF or a backup; without it a WIF is read from stdin")
	replace := flags.Bool("replace", false, "put it in the place of another key, which is kept beside it")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
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
	r, err := readKey(*file, bufio.NewReader(stdin), stderr)
	if err != nil {
		return err
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
	if kept != "" {
		p.say("The key before it is kept in %s.", kept)
	}
	return p.err
}

// readKey reads a secret from a file or from the first line of stdin; its password is
// on the next line. A secret never comes as an argument: those can be seen by every
// program on the computer.
func readKey(file string, stdin *bufio.Reader, stderr io.Writer) (wallet.Keyring, error) {
	var text string
	var err error
	if file == "" {
		fmt.Fprintln(stderr, "Private key (WIF), then Enter:")
		if text, err = readLine(stdin); err != nil {
			return wallet.Keyring{}, fmt.Errorf("read the key: %w", err)
		}
	} else if text, err = readFile(file); err != nil {
		return wallet.Keyring{}, err
	}
	reading, err := wallet.Read(text, "")
	if errors.Is(err, wallet.ErrPassphraseNeeded) {
		fmt.Fprint(stderr, "Password of the backup: ")
		var password string
		if password, err = readLine(stdin); err != nil {
			return wallet.Keyring{}, fmt.Errorf("read the password: %w", err)
		}
		reading, err = wallet.Read(text, password)
	}
	return reading.Keyring, err
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

func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}
