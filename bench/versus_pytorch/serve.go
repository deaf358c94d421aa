package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"basin/bench"
	"basin/kernel"
)

// serving is the argument with which this program serves as basin's side.
const serving = "-serve"

// A question is asked of a side: to prepare a workload, or to run it for a while, or,
// of PyTorch with neither, what it is.
type question struct {
	Spec    *bench.Spec `json:"spec,omitempty"`
	Way     string      `json:"way"`
	Threads int         `json:"threads,omitempty"`
	Runs    bool        `json:"runs,omitempty"` // two threads make two independent runs
	Seconds float64     `json:"seconds,omitempty"`
}

// An answer is what a side says to a question.
type answer struct {
	Witness  []float64   `json:"witness,omitempty"`
	Flops    float64     `json:"flops,omitempty"` // of a unit
	Times    bench.Times `json:"times,omitzero"`
	Peak     float64     `json:"peak,omitempty"` // GFLOP/s of one core
	Resident float64     `json:"resident"`       // most bytes of memory at once
	Version  string      `json:"version,omitempty"`
	Rate     float64     `json:"rate,omitempty"` // GFLOP/s of a product of matrices
}

// serve answers questions about basin's side.
func serve(in io.Reader, out io.Writer) error {
	questions, answers := json.NewDecoder(in), json.NewEncoder(out)
	var p *bench.Prepared
	defer func() {
		if p != nil {
			p.Close()
		}
	}()
	for {
		var q question
		switch err := questions.Decode(&q); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		var a answer
		if q.Seconds > 0 {
			a.Times = p.Sample(time.Duration(q.Seconds * float64(time.Second)))
			a.Peak = kernel.Peak[float32]()
		} else {
			w := bench.Workload{Spec: *q.Spec, Runs: q.Runs}
			if p != nil {
				p.Close()
			}
			var err error
			if p, err = w.Prepare(q.Threads); err != nil {
				return err
			}
			a.Witness, a.Flops = p.Witness, p.Flops
		}
		a.Resident = resident()
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

// resident is the most memory this process has had resident at once; 0 where the
// system does not tell.
func resident() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kib, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0
	}
	return kib * 1024
}
