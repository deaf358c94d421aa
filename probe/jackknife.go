package probe

import (
	"math"
	"slices"

	"basin/rng"
)

// folds part predictions at random into groups, those of one example into one.
type folds struct {
	n  int
	of []int // the fold of each prediction
}

// jackknifeFolds is how many folds standard errors are taken from.
const jackknifeFolds = 20

// noFold is none of them: what is without it is all predictions.
const noFold = -1

// deal parts predictions into n folds, or as many as there are examples.
func deal(n int, seed uint64, predictions, each int) folds {
	order := make([]int, predictions/each)
	stream := rng.At(seed, "probe/folds", 0)
	stream.Perm(order)
	f := folds{n: min(n, len(order)), of: make([]int, predictions)}
	for i := range f.of {
		f.of[i] = order[i/each] % f.n
	}
	return f
}

// An estimate is a value with its standard error, NaN where that is not known, and what
// to mind with it; or why there is none.
type estimate struct {
	value, stderr float64
	warnings      []string
	err           error
}

// read gives an estimate as a reading under one or several names, with further
// warnings.
func (e estimate) read(p *Pass, name string, names []func(string) string, warnings ...string) {
	warnings = append(slices.Clone(e.warnings), warnings...)
	for _, of := range names {
		switch {
		case e.err != nil:
			p.None(of(name), e.err.Error())
		case math.IsNaN(e.value) || math.IsInf(e.value, 0):
			p.None(of(name), "the value is out of range")
		default:
			p.Estimate(of(name), e.value, e.stderr, warnings...)
		}
	}
}

// leaveOut gives sample of all predictions, and of those outside each fold.
func leaveOut[S any](f folds, sample func(without int) S) []S {
	all := []S{sample(noFold)}
	for i := range f.n {
		all = append(all, sample(i))
	}
	return all
}

// jackknife is value of the first of the samples of leaveOut, with the standard error
// sqrt((g-1)/g sum_i (v_i - mean v)^2) of its values v_i of the g others (Efron & Stein
// 1981). It has none where one of these is missing.
func jackknife[S any](samples []S, value func(S) (float64, error)) estimate {
	v, err := value(samples[0])
	e := estimate{value: v, stderr: math.NaN(), err: err}
	if err != nil || len(samples) < 3 {
		return e
	}
	var left []float64
	for _, s := range samples[1:] {
		v, err := value(s)
		if err != nil {
			return e
		}
		left = append(left, v)
	}
	_, stderr := meanErr(left)
	e.stderr = stderr * float64(len(left)-1)
	return e
}
