package main

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"basin/bench"
)

// The test binary stands in for both sides: for basin's as the program itself does,
// and for a Python that has PyTorch, answering as basin's side would.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == serving {
		if err := serve(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 2 && os.Args[1] == "-c" {
		if os.Args[2] == workloads {
			standIn()
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func standIn() {
	questions, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var q question
		if questions.Decode(&q) != nil {
			return
		}
		a := answer{Version: "stand-in", Rate: 100, Resident: 1 << 20, Times: bench.Times{Best: 4, Median: 8, Count: 3}}
		if q.Spec != nil {
			w := bench.Workload{Spec: *q.Spec}
			p, err := w.Prepare(q.Threads)
			if err != nil {
				os.Exit(1)
			}
			a.Witness = p.Witness
			if os.Getenv("BASIN_TEST_WRONG") != "" {
				a.Witness[1] *= 1.001
			}
		}
		answers.Encode(a)
	}
}

func standInOptions(t *testing.T) *options {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &options{rounds: 3, window: time.Millisecond, python: self}
}

const tinyWorkload = "f/task=train/net=2-32-32-2/batch=16/rule=sgd"

func TestCompare(t *testing.T) {
	w := bench.Find(tinyWorkload)[0]
	r, err := compare(standInOptions(t), w, 2, way{})
	if err != nil {
		t.Fatal(err)
	}
	// Two processes of 8 ms a unit do one every 4 ms.
	if r.Setting != "PyTorch, 2 processes" || r.PyTorch.Median != 4 || r.PyTorch.Best != 2 || r.PyTorch.Resident != 2<<20 {
		t.Errorf("PyTorch at its best is %q, %+v", r.Setting, r.PyTorch)
	}
	if r.Distance != 0 || len(r.Basin.Rounds) != 3 || r.Flops <= 0 {
		t.Errorf("row %+v", r)
	}
	for i, round := range r.Basin.Rounds {
		if q := 4 / round.Median; q < r.Low || q > r.High || round.Best > round.Median {
			t.Errorf("round %d: %+v, ratios from %v to %v", i, round, r.Low, r.High)
		}
	}
	if r.Ratio < r.Low || r.Ratio > r.High || math.Abs(r.Fastest-2/r.Basin.Best) > 1e-12 {
		t.Errorf("ratio %v in %v to %v, of the best %v", r.Ratio, r.Low, r.High, r.Fastest)
	}
}

func TestSidesMustAgree(t *testing.T) {
	t.Setenv("BASIN_TEST_WRONG", "1")
	_, err := compare(standInOptions(t), bench.Find(tinyWorkload)[0], 1, way{})
	if err == nil || !strings.HasPrefix(err.Error(), "the sides do not compute the same: basin [") {
		t.Errorf("a loss that is off by a thousandth: %v", err)
	}
}

func TestWithoutPyTorch(t *testing.T) {
	err := command([]string{"--python", "/nonexistent/python3", "f"})
	if want := "no Python to compare with: "; err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("no Python: %v", err)
	}
	fails := filepath.Join(t.TempDir(), "python3")
	if err := os.WriteFile(fails, []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	err = command([]string{"--python", fails, "f"})
	if want := fails + " has no PyTorch; "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("a Python without PyTorch: %v", err)
	}
}

func TestWrongUse(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--threads 0", `--threads 0: "0" is no number of threads`},
		{"--threads 1,x", `--threads 1,x: "x" is no number of threads`},
		{"--threads 100000", "--threads 100000: this machine has "},
		{"--rounds 0", "--rounds 0: at least one is needed"},
		{"nothing like it", "no workload has nothing or like or it in its name"},
	} {
		if err := command(strings.Fields(c.args)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v", c.args, err)
		}
	}
}

// A side that fails is told of in the last line that it wrote.
func TestFailingSide(t *testing.T) {
	p, err := start(nil, "/bin/sh", "-c", "read x; echo Traceback >&2; echo ValueError: no such thing >&2")
	if err != nil {
		t.Skip("no shell: ", err)
	}
	s := &side{name: "PyTorch, default", processes: []*process{p}}
	if _, err := s.ask(question{}); err == nil || err.Error() != "PyTorch, default: ValueError: no such thing" {
		t.Errorf("got %v", err)
	}
}

func TestOthers(t *testing.T) {
	now := time.Now()
	before := load{all: 10, own: 1, at: now, known: true}
	after := load{all: 13, own: 2.5, at: now.Add(2 * time.Second), known: true}
	if got := after.others(before); math.Abs(got-0.75) > 1e-12 {
		t.Errorf("3 s used, 1.5 by the side, in 2 s: others %v cores", got)
	}
	if got := after.others(load{}); got != -1 {
		t.Errorf("others %v where the load is not known", got)
	}
}

// PyTorch itself, where it is installed, computes the same in every workload, in
// every way.
func TestPyTorch(t *testing.T) {
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import torch, numpy").Run(); err != nil {
		t.Skipf("%s has no PyTorch: %v", python, err)
	}
	ours, err := startBasin(1)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.close()
	theirs, err := startPyTorch(python, setting{"default", nil, 1, ""}, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.close()
	for i := range bench.Catalog {
		w := &bench.Catalog[i]
		for _, how := range ways(w) {
			spec := w.Spec
			spec.Steps, spec.Batch, spec.Examples = min(spec.Steps, 3), 4, 12
			q := question{Spec: &spec, Way: how.call, Threads: 1}
			a, errOurs := ours.ask(q)
			b, errTheirs := theirs.ask(q)
			if err := errors.Join(errOurs, errTheirs); err != nil {
				t.Fatal(err)
			}
			if off := distance(a[0].Witness, b[0].Witness); !(off <= tolerance(w)) {
				t.Errorf("%s %s: basin %v, PyTorch %v", w.Name(), how.name, a[0].Witness, b[0].Witness)
			}
		}
	}
}

// Nobody's turn begins before the sides have come to rest.
func TestSettle(t *testing.T) {
	p, err := start(nil, "/bin/sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; read x")
	if err != nil {
		t.Skip("no shell: ", err)
	}
	s := &side{processes: []*process{p}}
	defer s.close()
	if !s.load().known {
		t.Skip("this system does not tell how long a process has worked")
	}
	for s.load().own == 0 {
		time.Sleep(time.Millisecond)
	}
	settle([]*side{s})
	at := s.load().own
	time.Sleep(4 * look)
	if now := s.load().own; now != at {
		t.Errorf("it worked for %v s, and went on to %v", at, now)
	}
}
