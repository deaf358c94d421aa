package optim

import "basin/problem"

var clipNormDoc = Doc{
	Name:      "clip_norm",
	Family:    "transform",
	Summary:   "What is passed on is at most max long: before a rule the gradient, after it the change.",
	Equations: `d = g * min(1, max/|g|)`,
	Source:    "Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks, arXiv 1211.5063, Algorithm 1",
	Notes: []string{
		"The norm is Euclidean over all blocks together; within a split, over those of its part. PyTorch adds 1e-6 to |g|.",
	},
	Clipping:    "what passes through, at a norm of max over all blocks together",
	Memory:      "none",
	Gradients:   1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "clip_norm(1) | sgd(lr=0.1)",
}

type clipNormSettings struct {
	Max float64 `arg:"max" default:"1" valid:"(0,inf)" search:"1e-2..1e2 log" help:"largest Euclidean norm"`
}

type clipNorm[T problem.Float] struct {
	clipNormSettings
	spans []span
	n     int
}

func newClipNorm[T problem.Float](s *clipNormSettings, c *Context[T]) (part[T], error) {
	r := &clipNorm[T]{clipNormSettings: *s}
	r.spans, r.n = spans(c.Blocks)
	return r, nil
}

func (r *clipNorm[T]) Step(s *Step[T]) {
	length := norm(s.D, r.spans)
	if length <= r.Max {
		return
	}
	for _, p := range r.spans {
		multiply(s.D[p.lo:p.hi], r.Max/length)
	}
}

func (r *clipNorm[T]) Memory() []any  { return nil }
func (r *clipNorm[T]) Flops() float64 { return 3 * float64(r.n) }
