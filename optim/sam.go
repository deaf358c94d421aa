package optim

import (
	"basin/kernel"
	"basin/problem"
)

var samDoc = Doc{
	Name:    "sam",
	Family:  "flat",
	Summary: "Sharpness-aware minimization: base is given the gradient a distance rho uphill instead of the one at x.",
	Equations: `e = rho * g / (|g| + norm_eps)
d = base with the gradient at x + e, from x`,
	Source: "Foret et al. 2021, Sharpness-aware minimization for efficiently improving generalization, arXiv 2010.01412, Algorithm 1",
	Notes: []string{
		"The norm is Euclidean over all blocks together. Decay in base acts at x.",
		"It asks for a gradient itself, at another point. So it comes first in a chain and nothing goes around it; what is to act on that gradient belongs into base: sam(base=clip_norm(1) | sgd).",
	},
	Memory:      "that of base",
	Gradients:   2,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "sam(rho=0.05, base=sgd(lr=0.1))",
}

type samSettings struct {
	Rho     Schedule `arg:"rho" default:"0.05" valid:"[0,inf)" search:"1e-3..1 log" help:"distance uphill"`
	Base    Rule     `arg:"base" default:"sgd(lr=0.1)" help:"rule that takes the step"`
	NormEps float64  `arg:"norm_eps" default:"1e-12" valid:"[0,inf)" help:"added to the norm"`
}

type sam[T problem.Float] struct {
	samSettings
	spans []span
	up    []T // x + e
	base  part[T]
}

func newSAM[T problem.Float](s *samSettings, c *Context[T]) (part[T], error) {
	base, err := build(s.Base.o, c)
	if err != nil {
		return nil, err
	}
	list, _ := spans(c.Blocks)
	return &sam[T]{samSettings: *s, spans: list, up: kernel.Vector[T](c.Layout.N), base: base}, nil
}

func (r *sam[T]) Step(s *Step[T]) {
	length := norm(s.D, r.spans) + r.NormEps
	copy(r.up, s.X)
	if length > 0 {
		rate := T(r.Rho.At(s.T)) * reciprocal[T](length)
		for _, p := range r.spans {
			kernel.Axpy(r.up[p.lo:p.hi], rate, s.D[p.lo:p.hi])
		}
	}
	s.F.Grad(s.D, r.up)
	r.base.Step(s)
}

func (r *sam[T]) Memory() []any      { return r.base.Memory() }
func (r *sam[T]) Unwrap() Stepper[T] { return r.base }

func (r *sam[T]) Flops() float64 { return flops(r.base) + 4*float64(len(r.up)) }
