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
	Block     string  `json:"block"` // and in which array, or what else
	// Amplifies, where not empty, says why the error is not judged: rounding grows along the
	// way. It passes if it is finite.
	Amplifies string `json:"amplifies,omitempty"`
	Pass      bool   `json:"pass"`
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
	if narrow.Amplifies = translations[f.Optimizer].amplifies; narrow.Amplifies != "" {
		narrow.Pass = !math.IsInf(narrow.MaxErr, 1)
	}
	return []Result{wide, narrow}, nil
}

// replay follows the file in precision T: the live weights, and whatever else the
// file has that the rule can show.
func replay[T problem.Float](f *File, o *optim.Optimizer) (Result, error) {
	r := Result{File: f.Name, Optimizer: f.Optimizer, Rule: o.Recipe(), Steps: f.Steps}
	batch, err := objective[T](f, int(o.GradsPerStep()))
	if err != nil {
		return r, err
	}
	x, d, answer := flatten[T](f.params()), make([]T, f.layout.N), make([]T, f.layout.N)
	st, err := optim.New(o, &optim.Context[T]{
		Layout: f.layout, Blocks: f.layout.Blocks, Start: flatten[T](f.params()), Horizon: f.Steps, Given: f.given(),
		First: batch(f.firstEstimate()),
	})
	if err != nil {
		return r, fmt.Errorf("%s: %w", f.Name, err)
	}
	averager, _ := optim.As[optim.Averager[T]](st)
	shower, _ := optim.As[optim.Shower](st)
	for _, row := range []struct {
		name  string
		there bool
	}{{"after_x", len(f.AfterX) > 0}, {"after_ax", len(f.AfterAx) > 0}} {
		if row.there && averager == nil {
			return r, fmt.Errorf("%s: it has %s, but %s answers with no average", f.Name, row.name, o.Recipe())
		}
	}
	evaluations := 0
	for t := range f.Steps {
		obj := batch(t)
		watched := &counting[T]{obj, &evaluations}
		loss := watched.Grad(d, x)
		st.Step(&optim.Step[T]{T: t + 1, X: x, D: d, Loss: loss, F: watched})
		for i := range x {
			x[i] += d[i]
		}
		compare(&r, t, "", f.layout.Blocks, x, f.After[t])
		if averager != nil && len(f.AfterX)+len(f.AfterAx) > 0 {
			averager.Average(answer, x)
			for _, rows := range [][][]vector{f.AfterX, f.AfterAx} {
				if len(rows) > 0 {
					compare(&r, t, "average of ", f.layout.Blocks, answer, rows[t])
				}
			}
		}
		if len(f.D) > 0 {
			v := math.NaN()
			if shower != nil {
				v, _ = shower.Show("d")
			}
			r.meet(distance(v, float64(f.D[t])), t, "d")
		}
		if f.Objective != nil && len(f.Loss) > 0 {
			r.meet(distance(obj.Loss(x), float64(f.Loss[t])), t, "the loss")
		}
		if f.Objective != nil && len(f.FuncEvals) > 0 {
			r.meet(distance(float64(evaluations), float64(f.FuncEvals[t])), t, "the count of evaluations")
		}
	}
	return r, nil
}

// compare meets the distances of x from row after step t, from 0.
func compare[T problem.Float](r *Result, t int, prefix string, blocks []problem.Block, x []T, row []vector) {
	for k, b := range blocks {
		for i, v := range problem.View(x, b) {
			r.meet(distance(float64(v), float64(row[k][i])), t, prefix+b.Name)
		}
	}
}

// meet takes a distance into account; one that is not a number is infinite.
func (r *Result) meet(e float64, t int, where string) {
	if math.IsNaN(e) {
		e = math.Inf(1)
	}
	if e > r.MaxErr {
		r.MaxErr, r.Step, r.Block = e, t+1, where
	}
}

// counting counts the gradients that are asked for.
type counting[T problem.Float] struct {
	problem.Objective[T]
	grads *int
}

func (c *counting[T]) Unwrap() problem.Objective[T] { return c.Objective }

func (c *counting[T]) Grad(dst, x []T) float64 {
	*c.grads++
	return c.Objective.Grad(dst, x)
}

// params is the start.
func (f *File) params() []vector {
	start := make([]vector, len(f.Params))
	for i, p := range f.Params {
		start[i] = p.Init
	}
	return start
}
