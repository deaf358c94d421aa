package optim

import (
	"errors"

	"basin/problem"
)

// errAverages is why means are not taken of what answers with one.
var errAverages = errors.New("base answers with an average itself; a mean beside it would leave two answers")

// averaging is the stepper of ema and swa: it keeps a mean of the points that base
// leads to. Step t sees the point after step t-1, whatever was made of the change in
// between. So the mean lags by one point, which Average adds.
type averaging[T problem.Float] struct {
	base  part[T]
	share func(t int) float64 // of the point after step t in the mean so far
	spans []span
	mean  []float64
	done  int64 // steps
}

func newAveraging[T problem.Float](base *Optimizer, c *Context[T], share func(t int) float64) (part[T], error) {
	st, err := build(base, c)
	if err != nil {
		return nil, err
	}
	list, n := spans(c.Blocks)
	return &averaging[T]{base: st, share: share, spans: list, mean: make([]float64, n)}, nil
}

func (r *averaging[T]) Step(s *Step[T]) {
	if share := r.latest(); share > 0 {
		for _, p := range r.spans {
			mean := r.mean[p.at:][:p.hi-p.lo]
			for i, x := range s.X[p.lo:p.hi] {
				mean[i] = float64((1-share)*mean[i]) + float64(share*float64(x))
			}
		}
	}
	r.done++
	r.base.Step(s)
}

// latest is the share of the point where training is now: all before the first step.
func (r *averaging[T]) latest() float64 {
	if r.done == 0 {
		return 1
	}
	return r.share(int(r.done))
}

func (r *averaging[T]) Average(dst, x []T) {
	share := r.latest()
	for _, p := range r.spans {
		mean, x, dst := r.mean[p.at:][:p.hi-p.lo], x[p.lo:p.hi], dst[p.lo:p.hi]
		for i, e := range x {
			dst[i] = T(float64((1-share)*mean[i]) + float64(share*float64(e)))
		}
	}
}

func (r *averaging[T]) Memory() []any      { return append([]any{r.mean, &r.done}, r.base.Memory()...) }
func (r *averaging[T]) Unwrap() Stepper[T] { return r.base }
func (r *averaging[T]) Flops() float64     { return flops(r.base) + 3*float64(len(r.mean)) }
