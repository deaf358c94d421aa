package optim

import (
	"basin/kernel"
	"basin/problem"
)

var grokfastEMADoc = Doc{
	Name:    "grokfast_ema",
	Family:  "transform",
	Summary: "Grokfast: the slow part of the gradient, an exponential mean, is amplified.",
	Equations: `e = alpha*e + (1-alpha)*g      (e = g at t = 1)
d = g + lamb*e`,
	Source: "Lee et al. 2024, Grokfast: accelerated grokking by amplifying slow gradients, arXiv 2405.20233, Algorithm 2",
	Notes: []string{
		"The first e is g itself, as in the authors' code.",
		"Before a rule it acts on the gradient without what the rule adds for decay.",
	},
	Memory:      "1 value per parameter (e)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "grokfast_ema(alpha=0.98, lamb=2) | adam(lr=1e-3)",
}

var grokfastMADoc = Doc{
	Name:      "grokfast_ma",
	Family:    "transform",
	Summary:   "Grokfast: the slow part of the gradient, a mean over a window of steps, is amplified.",
	Equations: `d = g + lamb*(mean of the last window_size gradients, g included)     (t < window_size: g)`,
	Source:    "Lee et al. 2024, Grokfast: accelerated grokking by amplifying slow gradients, arXiv 2405.20233, Algorithm 1",
	Notes: []string{
		"The window must be full before anything is added, the authors' warmup=True.",
		"The sum over the window is made of sums alone, without subtracting what leaves it, so that nothing is left of large gradients once they are gone. Every window_size steps takes that many times longer than the others.",
	},
	Memory:      "window_size + 1 values per parameter (sums of gradients)",
	Gradients:   1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "grokfast_ma(window_size=5, lamb=2) | sgd(lr=0.05)",
}

type grokfastEMASettings struct {
	Alpha float64 `arg:"alpha" default:"0.98" valid:"[0,1)" search:"0.8..0.99" help:"memory of the mean"`
	Lamb  float64 `arg:"lamb" default:"2" valid:"[0,inf)" search:"0.1..10 log" help:"multiple of the mean added"`
}

type grokfastMASettings struct {
	WindowSize int     `arg:"window_size" default:"100" valid:"[1,inf)" help:"steps of the mean"`
	Lamb       float64 `arg:"lamb" default:"5" valid:"[0,inf)" search:"0.1..10 log" help:"multiple of the mean added"`
}

type grokfastEMA[T problem.Float] struct {
	grokfastEMASettings
	spans []span
	e     []T
}

func newGrokfastEMA[T problem.Float](s *grokfastEMASettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &grokfastEMA[T]{grokfastEMASettings: *s, spans: list, e: kernel.Vector[T](n)}, nil
}

func (r *grokfastEMA[T]) Step(s *Step[T]) {
	rates := kernel.MomentumRates[T]{Keep: T(r.Alpha), Fresh: T(1 - r.Alpha), Now: 1, Mean: T(r.Lamb), Step: 1}
	if s.T == 1 {
		rates.Fresh = 1
	}
	for _, p := range r.spans {
		kernel.Momentum(s.D[p.lo:p.hi], r.e[p.at:][:p.hi-p.lo], s.X[p.lo:p.hi], &rates)
	}
}

func (r *grokfastEMA[T]) Memory() []any  { return []any{r.e} }
func (r *grokfastEMA[T]) Flops() float64 { return 5 * float64(len(r.e)) }

// grokfastMA goes through its window in rounds of WindowSize steps. In step k of a
// round, from 0, sums has the gradients of this round at places below k, and from
// k+1 on those of the last round, each with all after it added: what is left of the
// last round in the window is in place k+1, and all of this round in fresh.
type grokfastMA[T problem.Float] struct {
	grokfastMASettings
	spans []span
	n     int
	sums  []T // WindowSize places of n
	fresh []T
}

func newGrokfastMA[T problem.Float](s *grokfastMASettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &grokfastMA[T]{grokfastMASettings: *s, spans: list, n: n, sums: make([]T, s.WindowSize*n), fresh: kernel.Vector[T](n)}, nil
}

// place is the k-th of sums.
func (r *grokfastMA[T]) place(k int) []T { return r.sums[k*r.n:][:r.n] }

func (r *grokfastMA[T]) Step(s *Step[T]) {
	window := r.WindowSize
	k := (s.T - 1) % window
	if k == 0 {
		clear(r.fresh)
	}
	share := T(r.Lamb / float64(window))
	for _, p := range r.spans {
		d, to := s.D[p.lo:p.hi], p.at+p.hi-p.lo
		fresh := r.fresh[p.at:to]
		copy(r.place(k)[p.at:to], d)
		kernel.Add(fresh, fresh, d)
		if s.T < window {
			continue
		}
		kernel.Axpy(d, share, fresh)
		if k+1 < window {
			kernel.Axpy(d, share, r.place(k + 1)[p.at:to])
		}
	}
	if k == window-1 {
		for i := k - 1; i > 0; i-- {
			kernel.Add(r.place(i), r.place(i), r.place(i+1))
		}
	}
}

func (r *grokfastMA[T]) Memory() []any  { return []any{r.sums, r.fresh} }
func (r *grokfastMA[T]) Flops() float64 { return 6 * float64(r.n) }
