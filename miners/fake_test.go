package miners_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// fakeMode in the environment makes the test binary a mining program that
// behaves as its value says.
const fakeMode = "ADIT_TEST_FAKE_MINER"

func TestMain(m *testing.M) {
	if mode := os.Getenv(fakeMode); mode != "" {
		os.Exit(fakeMiner(mode))
	}
	os.Exit(m.Run())
}

// fakeMiner is the main function of the fake mining program.
func fakeMiner(mode string) (status int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch mode {
	case "steady":
		for i := 1; ctx.Err() == nil; i++ {
			fmt.Println("job", i)
			fmt.Println("rate 1000")
			fmt.Println("accepted")
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
		fmt.Println("bye")
		return 0
	case "crash":
		fmt.Println("accepted")
		fmt.Fprintln(os.Stderr, "Segmentation fault")
		return 3
	case "fail":
		return 1
	case "hang":
		signal.Ignore(os.Interrupt)
		fmt.Println("pid", os.Getpid())
		time.Sleep(time.Hour)
	case "wait":
		<-ctx.Done()
	case "flood":
		flood()
		<-ctx.Done()
	case "banner":
		fmt.Printf("\x1b[32mUser: %s Password: %s\x1b[0m\raccepted\r\n", os.Args[1], os.Args[2])
		<-ctx.Done()
	case "family":
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), fakeMode+"=hang")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			fmt.Println(err)
			return 1
		}
		<-ctx.Done()
	case "owner": // runs a program that never leaves by itself, and tells its number
		p := miners.Process{Path: os.Args[0], Env: []string{fakeMode + "=hang"}}
		p.Run(ctx, os.Stdout)
	case "stop": // runs a steady program, and stops it when it has begun
		started, stop := context.WithCancel(ctx)
		p := miners.Process{Path: os.Args[0], Env: []string{fakeMode + "=steady"}, Grace: time.Hour}
		if err := p.Run(started, begun{stop}); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	return 0
}

// begun copies to stdout and calls do for what is written.
type begun struct{ do func() }

func (b begun) Write(p []byte) (int, error) {
	defer b.do()
	return os.Stdout.Write(p)
}

// floodShares is how many shares a flood holds, among other lines.
const floodShares = 20_000

func flood() {
	lines := strings.Repeat("accepted\nrate 5\nnoise\nrejected stale\njob 7\n", 1000)
	for range floodShares / 1000 {
		os.Stdout.WriteString(lines)
	}
	fmt.Print(strings.Repeat("x", 1<<20), "\n", "problem fatal\n")
}

// fakeDriver drives the fake mining program.
type fakeDriver struct{}

func (fakeDriver) Name() string                { return "fake" }
func (fakeDriver) Algorithms() []pow.Algorithm { return []pow.Algorithm{pow.Scrypt} }
func (fakeDriver) Args(p miners.Plan) []string { return []string{p.User, p.Password} }
func (fakeDriver) NewParser() miners.Parser    { return fakeParser{} }
func plan(t *testing.T, mode string) miners.Plan {
	return miners.Plan{Program: self(t), Env: env(mode)}
}

func env(mode string) []string { return []string{fakeMode + "=" + mode} }

func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

type fakeParser struct{}

func (fakeParser) Parse(line string) []miners.Event {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "accepted":
		return []miners.Event{miners.Accepted{N: 1}}
	case "rejected":
		return []miners.Event{miners.Rejected{N: 1, Reason: rest}}
	case "job":
		return []miners.Event{miners.Job{ID: rest}}
	case "rate":
		rate, err := strconv.ParseFloat(rest, 64)
		if err != nil {
			return nil
		}
		return []miners.Event{miners.Hashrate{Hashrate: pow.Hashrate(rate), Device: miners.Whole}}
	case "problem":
		return []miners.Event{miners.Problem{Code: miners.Code(rest)}}
	}
	return nil
}
