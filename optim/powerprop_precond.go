package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var powerpropPrecondDoc = Doc{
	Name:      "powerprop_precond",
	Family:    "reparametrised",
	Summary:   "Gradient descent under powerpropagation, seen from the weights: each coordinate's rate grows with the weight.",
	Equations: `d = -lr * alpha^2 * |x|^(2-2/alpha) * g`,
	Source:    "Schwarz et al. 2021, Powerpropagation, arXiv 2110.00296, to first order in lr; as mirror descent: Amid & Warmuth 2020, Reparameterizing mirror descent as gradient descent, arXiv 2002.10487",
	Notes: []string{
		"It is (dx/dtheta)^2 times a step of descent, to which powerprop(base=sgd) comes down for small lr. A step that is too long for that can change the sign of a weight.",
		"All blocks are treated alike; use split to spare biases, which start at zero and would stay there.",
	},
	EndsAt:      "a minimum, or where weights are zero, which they do not leave",
	Memory:      "none",
	Gradients:   1,
	Invariances: []Invariance{SignedPermutation},
	Example:     "split(matrix=powerprop_precond(lr=0.5), rest=sgd(lr=0.1))",
}

type powerpropPrecondSettings struct {
	LR    Schedule `arg:"lr" default:"0.1" valid:"(0,inf)" search:"1e-3..10 log" help:"step size"`
	Alpha float64  `arg:"alpha" default:"2" valid:"[1,inf)" search:"1..4" help:"power of theta that a weight is"`
}

type powerpropPrecond[T problem.Float] struct {
	powerpropPrecondSettings
	spans []span
	n     int
}

func newPowerpropPrecond[T problem.Float](s *powerpropPrecondSettings, c *Context[T]) (part[T], error) {
	r := &powerpropPrecond[T]{powerpropPrecondSettings: *s}
	r.spans, r.n = spans(c.Blocks)
	return r, nil
}

func (r *powerpropPrecond[T]) Step(s *Step[T]) {
	rate := r.LR.At(s.T) * r.Alpha * r.Alpha
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		if r.Alpha == 1 {
			kernel.Scale(d, -T(rate))
			continue
		}
		for i, g := range d {
			d[i] = -T(rate*power(math.Abs(float64(x[i])), 2-2/r.Alpha)) * g
		}
	}
}

func (r *powerpropPrecond[T]) Memory() []any  { return nil }
func (r *powerpropPrecond[T]) Flops() float64 { return 4 * float64(r.n) }
