package optim

import "basin/problem"

var clipValueDoc = Doc{
	Name:        "clip_value",
	Family:      "transform",
	Summary:     "No number that is passed on is larger than max: before a rule those of the gradient, after it those of the change.",
	Equations:   `d = max(-max, min(max, d))`,
	Source:      "Mikolov 2012, Statistical language models based on neural networks (thesis), section 3.2.2; torch.nn.utils.clip_grad_value_, optax.clip",
	Clipping:    "every number that passes through, at max",
	Memory:      "none",
	Gradients:   1,
	Invariances: []Invariance{SignedPermutation},
	Example:     "clip_value(0.02) | sgd(lr=0.1)",
}

type clipValueSettings struct {
	Max Schedule `arg:"max" default:"1" valid:"(0,inf)" search:"1e-3..1e2 log" help:"largest absolute value"`
}

type clipValue[T problem.Float] struct {
	clipValueSettings
	spans []span
	n     int
}

func newClipValue[T problem.Float](s *clipValueSettings, c *Context[T]) (part[T], error) {
	r := &clipValue[T]{clipValueSettings: *s}
	list, n := spans(c.Blocks)
	r.spans, r.n = pieces(list, piece), n
	return r, nil
}

func (r *clipValue[T]) Step(s *Step[T]) {
	most := T(r.Max.At(s.T))
	for _, p := range r.spans {
		clamp(s.D[p.lo:p.hi], -most, most)
	}
}

func (r *clipValue[T]) Memory() []any  { return nil }
func (r *clipValue[T]) Flops() float64 { return 2 * float64(r.n) }
