package optim

import (
	"errors"
	"math"

	"basin/kernel"
	"basin/problem"
)

var ademamixDoc = Doc{
	Name:    "ademamix",
	Family:  "adaptive",
	Summary: "AdamW with a second, very long mean of gradients beside the first.",
	Equations: `m = beta1*m + (1-beta1)*g
n = beta3(t)*n + (1-beta3(t))*g
v = beta2*v + (1-beta2)*g^2
d = -lr*weight_decay*x - lr * (m/(1-beta1^t) + alpha(t)*n) / (sqrt(v/(1-beta2^t)) + eps)
alpha(t) = alpha*t/alpha_warmup                     while t < alpha_warmup
beta3(t) = 0.5^(1/(h+1)), where h runs in a line
from h(beta1) to h(beta3) over beta3_warmup steps   while t < beta3_warmup
h(b) = ln(0.5)/ln(b + 1e-8) - 1`,
	Source: "Pagliardini, Ablin & Grangier 2024, The AdEMAMix optimizer: better, faster, older, arXiv 2409.03137, Algorithm 1",
	Notes: []string{
		"n is not corrected. h is the half-life of a mean; the 1e-8 in it is in the authors' code.",
		"0 steps of warm-up are none. The paper warms both up over the whole run. The default alpha is that of the authors' code; the paper's runs have 2 to 10.",
		"Decay is part of the update, as AdamW's.",
	},
	Decay:       "apart from the gradient, times lr",
	Epsilon:     "added to the corrected root",
	Correction:  "m and v, not n",
	Memory:      "3 values per parameter (m, n, v)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "ademamix(lr=1e-3, beta3=0.999)",
}

type ademamixSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the first mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Beta3       float64  `arg:"beta3" default:"0.9999" valid:"[0,1)" search:"0.99..0.99999" help:"memory of the second mean of gradients"`
	Alpha       float64  `arg:"alpha" default:"2" valid:"[0,inf)" search:"0..20" help:"weight of the second mean"`
	Eps         float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
	AlphaWarmup float64  `arg:"alpha_warmup" default:"0" valid:"[0,inf)" help:"steps over which alpha rises from 0"`
	Beta3Warmup float64  `arg:"beta3_warmup" default:"0" valid:"[0,inf)" help:"steps over which beta3 rises from beta1"`
}

func (s *ademamixSettings) check() error {
	if s.Beta3Warmup > 0 && s.Beta3 > 1-1e-7 {
		return errors.New("beta3_warmup needs beta3 of at most 1 - 1e-7")
	}
	return nil
}

type ademamix[T problem.Float] struct {
	ademamixSettings
	spans      []span
	m, n, v    []T
	fast, slow []T
}

func newAdEMAMix[T problem.Float](s *ademamixSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &ademamix[T]{
		ademamixSettings: *s, spans: pieces(list, piece),
		m: kernel.Vector[T](n), n: kernel.Vector[T](n), v: kernel.Vector[T](n),
		fast: make([]T, min(n, piece)), slow: make([]T, min(n, piece)),
	}, nil
}

func (r *ademamix[T]) Step(s *Step[T]) {
	t, lr := float64(s.T), r.LR.At(s.T)
	beta3, alpha := r.warm(t)
	fast := meanRates[T](r.Beta1, 1/(1-math.Pow(r.Beta1, t)))
	slow := meanRates[T](beta3, alpha)
	divide := kernel.AdamRates[T]{
		Beta1: 1, Beta2: T(r.Beta2), Rest2: T(1 - r.Beta2), Step: T(lr),
		Root: T(1 / math.Sqrt(1-math.Pow(r.Beta2, t))), Eps: T(r.Eps), Apart: T(lr * r.WeightDecay.At(s.T)),
	}
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		u, w := r.fast[:len(d)], r.slow[:len(d)]
		mean(u, r.m[p.at:][:len(d)], d, x, &fast)
		mean(w, r.n[p.at:][:len(d)], d, x, &slow)
		kernel.Add(u, u, w)
		kernel.Adam(d, u, r.v[p.at:][:len(d)], x, &divide)
	}
}

// warm gives beta3 and alpha at step t.
func (r *ademamix[T]) warm(t float64) (beta3, alpha float64) {
	beta3, alpha = r.Beta3, r.Alpha
	if t < r.AlphaWarmup {
		alpha *= t / r.AlphaWarmup
	}
	if t < r.Beta3Warmup {
		halfLife := func(beta float64) float64 { return math.Log(0.5)/math.Log(beta+1e-8) - 1 }
		share := t / r.Beta3Warmup
		beta3 = math.Pow(0.5, 1/((1-share)*halfLife(r.Beta1)+share*halfLife(r.Beta3)+1))
	}
	return beta3, alpha
}

func (r *ademamix[T]) Memory() []any  { return []any{r.m, r.n, r.v} }
func (r *ademamix[T]) Flops() float64 { return 22 * float64(len(r.m)) }
