package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/programs"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
)

// diagnosisVersion is raised when a key of diagnosis goes or changes its meaning; new
// keys may come without.
const diagnosisVersion = 1

// diagnosis is what adit doctor --json prints: one object.
type diagnosis struct {
	Version  int              `json:"version"`
	OK       bool             `json:"ok"` // nothing keeps this computer from mining
	Findings []doctor.Finding `json:"findings"`
}

// doctorCommand looks for what keeps this computer from mining. What it finds goes
// to stdout; trouble is an error too, so that scripts can tell.
func doctorCommand(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit doctor", flag.ContinueOnError)
	pool := flags.String("pool", "", "`address` of the pool; without it the one in the settings")
	data := flags.String("data", "", "`folder` for key and settings")
	asJSON := flags.Bool("json", false, "print one JSON object")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	config, err := doctorConfig(ctx, *pool, *data)
	if err != nil {
		return err
	}
	found := doctor.Run(ctx, config)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("doctor: %w", err) // what was cut short would look like trouble
	}
	if *asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(diagnosis{diagnosisVersion, doctor.OK(found), found})
	} else {
		err = printFindings(stdout, found)
	}
	if err == nil && !doctor.OK(found) {
		err = errors.New("doctor: something keeps this computer from mining; see above")
	}
	return err
}

// doctorConfig says what is to be looked at: what the settings name, but for what
// was typed.
func doctorConfig(ctx context.Context, pool, data string) (doctor.Config, error) {
	dir, err := dataDir(data)
	if err != nil {
		return doctor.Config{}, err
	}
	chosen, _ := settings.Load(dir) // the doctor looks at the file itself
	if pool != "" {
		chosen.Pool = pool
	}
	machine, err := hwdetect.Detect(ctx)
	if err != nil {
		return doctor.Config{}, err
	}
	return checkup(dir, chosen, machine, programs.New(dir, version).Files()), nil
}

func printFindings(w io.Writer, found []doctor.Finding) error {
	p := &printer{to: w}
	for _, f := range found {
		p.say("%-7s  %s", f.Level, f.What)
		if f.Do != "" {
			p.say("         → %s", f.Do)
		}
	}
	return p.err
}
