package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var agcDoc = Doc{
	Name:      "agc",
	Family:    "transform",
	Summary:   "Adaptive gradient clipping: the gradient of every unit is at most a share of that unit's weights.",
	Equations: `g_i = g_i * min(1, clip * max(|x_i|, eps) / |g_i|)        for each unit i`,
	Source:    "Brock, De, Smith & Simonyan 2021, High-performance large-scale image recognition without normalization, arXiv 2102.06171, Equation 3",
	Notes: []string{
		"A unit is a row of a weight, all its dimensions but the first together, and every element of a block of one dimension, as in the paper and in optax.adaptive_grad_clip; timm takes a whole block of one dimension for one unit.",
		"The paper spares the last layer: split(last=sgd(lr=0.1), rest=agc | sgd(lr=0.1)).",
	},
	Clipping:  "the gradient of each unit, at clip times the norm of its weights",
	Epsilon:   "least norm that weights are taken to have",
	Memory:    "none",
	Gradients: 1,
	Example:   "agc(clip=1) | sgd(lr=0.1)",
}

type agcSettings struct {
	Clip Schedule `arg:"clip" default:"0.01" valid:"(0,inf)" search:"1e-3..1 log" help:"largest ratio of the norm of a unit's gradient to that of its weights"`
	Eps  float64  `arg:"eps" default:"1e-3" valid:"[0,inf)" search:"1e-5..1e-1 log" help:"least norm that weights are taken to have"`
}

type agc[T problem.Float] struct {
	agcSettings
	blocks []problem.Block
	n      int
}

func newAGC[T problem.Float](s *agcSettings, c *Context[T]) (part[T], error) {
	_, n := spans(c.Blocks)
	return &agc[T]{agcSettings: *s, blocks: c.Blocks, n: n}, nil
}

func (r *agc[T]) Step(s *Step[T]) {
	clip := r.Clip.At(s.T)
	for _, b := range r.blocks {
		x, d := problem.View(s.X, b), problem.View(s.D, b)
		_, cols, ok := b.Matrix()
		if !ok {
			for i, g := range d {
				if most := clip * max(math.Abs(float64(x[i])), r.Eps); math.Abs(float64(g)) > most {
					d[i] = T(math.Copysign(most, float64(g)))
				}
			}
			continue
		}
		for i := 0; i < len(d); i += cols {
			w, g := x[i:][:cols], d[i:][:cols]
			most := clip * max(length(w), r.Eps)
			shorten(g, most)
		}
	}
}

func (r *agc[T]) Memory() []any  { return nil }
func (r *agc[T]) Flops() float64 { return 5 * float64(r.n) }

// shorten multiplies v so that it is at most so long.
func shorten[T problem.Float](v []T, most float64) {
	if l := length(v); l > most {
		multiply(v, most/l)
	}
}

// length is the Euclidean norm of v, as norm is.
func length[T problem.Float](v []T) float64 {
	if sum := kernel.Dot(v, v); sum > 1e-280 && sum < math.Inf(1) {
		return math.Sqrt(sum)
	}
	whole := [1]span{{0, len(v), 0}}
	return norm(v, whole[:])
}
