// Package replay holds update rules to trajectories that other implementations
// made, read from JSON files: it feeds a rule the gradients of the file and compares
// where it goes, step by step.
package replay

import (
	"fmt"
	"math"

	"basin/optim"
	"basin/problem"
)

// A Result says how far a rule's trajectory is from that of a file.
type Result struct {
	File      string  `json:"file"`
	Optimizer string  `json:"optimizer"` // as the file has it
	Rule      string  `json:"rule"`      // canonical recipe
	Precision string  `json:"precision"` // "float32" or "float64"
	Steps     int     `json:"steps"`
	MaxErr    float64 `json:"max_err"` // largest |x-y|/(1e-3+|y|), y being the file's; +Inf where x is no number
	Tolerance float64 `json:"tolerance"`
	Step      int     `json:"step"`  // where that is, from 1; 0 if the error is zero
	Block     string  `json:"block"` // and in which array
	Pass      bool    `json:"pass"`
}

// Tolerances on MaxErr. Files are rounded to nine digits.
const (
	tolerance64 = 1e-7
	tolerance32 = 1e-4
)

func distance(x, y float64) float64 { return math.Abs(x-y) / (1e-3 + math.Abs(y)) }

// Check replays the file with the rule it names in both precisions.
func Check(f *File) ([]Result, error) {
	o, err := f.Rule()
	if err != nil {
		return nil, err
	}
	return CheckWith(f, o)
}

// CheckWith replays the file with a given rule in both precisions.
func CheckWith(f *File, o *optim.Optimizer) ([]Result, error) {
	wide, err := replay[float64](f, o)
	if err != nil {
		return nil, err
	}
	narrow, err := replay[float32](f, o)
	if err != nil {
		return nil, err
	}
	wide.Precision, wide.Tolerance = "float64", tolerance64
	narrow.Precision, narrow.Tolerance = "float32", tolerance32
	wide.Pass, narrow.Pass = wide.MaxErr <= tolerance64, narrow.MaxErr <= tolerance32
	return []Result{wide, narrow}, nil
}

// replay follows the file in precision T. An error that is not a number counts as
// infinite.
func replay[T problem.Float](f *File, o *optim.Optimizer) (Result, error) {
	r := Result{File: f.Name, Optimizer: f.Optimizer, Rule: o.Recipe(), Steps: f.Steps}
	batch, err := objective[T](f, int(o.GradsPerStep()))
	if err != nil {
		return r, err
	}
	x, d := flatten[T](f.params()), make([]T, f.layout.N)
	st, err := optim.New(o, &optim.Context[T]{
		Layout: f.layout, Blocks: f.layout.Blocks, Start: flatten[T](f.params()), Horizon: f.Steps,
	})
	if err != nil {
		return r, fmt.Errorf("%s: %w", f.Name, err)
	}
	for t := range f.Steps {
		obj := batch(t)
		loss := obj.Grad(d, x)
		st.Step(&optim.Step[T]{T: t + 1, X: x, D: d, Loss: loss, F: obj})
		for i := range x {
			x[i] += d[i]
		}
		for k, b := range f.layout.Blocks {
			for i, v := range problem.View(x, b) {
				e := distance(float64(v), float64(f.After[t][k][i]))
				if math.IsNaN(e) {
					e = math.Inf(1)
				}
				if e > r.MaxErr {
					r.MaxErr, r.Step, r.Block = e, t+1, b.Name
				}
			}
		}
	}
	return r, nil
}

// params is the start.
func (f *File) params() []vector {
	start := make([]vector, len(f.Params))
	for i, p := range f.Params {
		start[i] = p.Init
	}
	return start
}
