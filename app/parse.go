package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/adit-mining/adit/app/programs"
	"github.com/adit-mining/adit/miners"
)

// parseOutput is adit parse: it prints what a mining program's recorded output says
// as one JSON object, miners.Summary. Where reading breaks off, that of what was read
// is printed all the same.
func parseOutput(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit parse", flag.ContinueOnError)
	name := flags.String("program", "", "`name` of the program that printed it: "+programs.Names())
	if done, err := parseSome(flags, args, 1, stderr); done || err != nil {
		return err
	}
	program, ok := programs.Named(*name)
	if !ok {
		return usageError{fmt.Errorf("parse: which program? name it with --program: %s", programs.Names())}
	}
	input := stdin
	if path := flags.Arg(0); path != "" && path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("parse: %w", err)
		}
		defer f.Close()
		input = f
	}
	summary, err := miners.Summarize(program.Driver, input)
	out := json.NewEncoder(stdout)
	out.SetEscapeHTML(false)
	return errors.Join(err, out.Encode(summary))
}
