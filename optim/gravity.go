package optim

import (
	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

var gravityDoc = Doc{
	Name:    "gravity",
	Family:  "descent",
	Summary: "Descent along a mean of gradients in which entries that are large in their block count less than middling ones.",
	Equations: `z = g / (1 + (g*max|g|)^2)               (max over the block)
beta_t = (beta*t + 1)/(t + 2)
v = beta_t*v + (1-beta_t)*z              (v starts as Normal(0, alpha/lr))
d = -lr*v`,
	Source: "Bahrami & Pouriyan Zadeh 2021, Gravity optimizer: a kinematic approach on optimization in deep learning, arXiv 2101.09192",
	Notes: []string{
		"The mean alpha/lr is that at the peak of lr. The draw is named init_velocity; with alpha=0 nothing is drawn, and v starts at zero.",
		"The paper writes g/(1 + (g/m)^2) with m = 1/max|g|.",
	},
	Blocks:    "the largest entry is that of each block",
	EndsAt:    "a minimum of the loss, but not before the velocity drawn at the start, which moves it without a gradient, has died away",
	Memory:    "1 value per parameter (v)",
	Gradients: 1,
	Example:   "gravity(lr=0.1)",
}

type gravitySettings struct {
	LR    Schedule `arg:"lr" default:"0.1" valid:"(0,inf)" search:"1e-4..10 log" help:"step size"`
	Alpha float64  `arg:"alpha" default:"0.01" valid:"[0,inf)" search:"1e-4..1e-1 log" help:"size of the first change drawn, whatever lr"`
	Beta  float64  `arg:"beta" default:"0.9" valid:"[0,1]" search:"0.5..0.99" help:"memory of past gradients in the long run"`
}

type gravity[T problem.Float] struct {
	gravitySettings
	blocks []span
	cut    [][]span // pieces of each block
	v      []T
	room   []T
}

func newGravity[T problem.Float](s *gravitySettings, c *Context[T]) (part[T], error) {
	r := &gravity[T]{gravitySettings: *s}
	var n int
	r.blocks, n = blockSpans(c.Blocks)
	r.cut, _ = blockPieces(c.Blocks)
	r.v, r.room = kernel.Vector[T](n), make([]T, min(n, piece))
	noise := rng.At(c.Seed, "init_velocity", 0)
	for k, p := range r.blocks {
		v := r.v[p.at:][:p.hi-p.lo]
		if given := c.given("init_velocity", c.Blocks[k], 0); given != nil {
			for i := range v {
				v[i] = T(given[i])
			}
			continue
		}
		for i := range v {
			v[i] = T(s.Alpha / s.LR.Peak * noise.Norm())
		}
	}
	return r, nil
}

func (r *gravity[T]) Step(s *Step[T]) {
	t := float64(s.T)
	beta := (r.Beta*t + 1) / (t + 2)
	rates := kernel.MomentumRates[T]{Keep: T(beta), Fresh: T(1 - beta), Mean: 1, Step: T(-r.LR.At(s.T))}
	for k, p := range r.blocks {
		d := s.D[p.lo:p.hi]
		top := T(kernel.AbsMax(d))
		for _, p := range r.cut[k] {
			d := s.D[p.lo:p.hi]
			u := r.room[:len(d)]
			kernel.Mul(u, d, []T{top})
			kernel.Square(u, u)
			kernel.Add(u, u, []T{1})
			kernel.Div(d, d, u)
			kernel.Momentum(d, r.v[p.at:][:len(d)], s.X[p.lo:p.hi], &rates)
		}
	}
}

func (r *gravity[T]) Memory() []any  { return []any{r.v} }
func (r *gravity[T]) Flops() float64 { return 10 * float64(len(r.v)) }
