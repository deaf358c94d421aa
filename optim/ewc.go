package optim

import (
	"fmt"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

var ewcDoc = Doc{
	Name:    "ewc",
	Family:  "continual",
	Summary: "Elastic weight consolidation: what mattered to earlier phases is held near where it was at their ends.",
	Equations: `g = g + strength * sum over earlier phases k of F_k*(x - x_k)
F_k = mean over batches of n * (gradient for sampled labels)^2, at the end x_k of phase k`,
	Source: "Kirkpatrick et al. 2017, Overcoming catastrophic forgetting in neural networks, arXiv 1612.00796, Equation 3",
	Notes: []string{
		"F_k is the diagonal of the Fisher matrix of phase k. Labels are drawn from the network's own predictions, whose scores are independent with mean zero: so n times the square of a batch's mean gradient, n its predictions, is F_k on average.",
		"All phases keep their own penalty, as in the paper: the sum of the quadratics is kept as sum F_k and sum F_k*x_k.",
		"In the first phase it does nothing. Where labels cannot be sampled it is refused.",
	},
	EndsAt:      "the minimum of the loss with the penalties; in a first phase, of the loss",
	Memory:      "2 values per parameter (sum F_k, sum F_k*x_k)",
	Gradients:   1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "ewc(strength=100) | sgd(lr=0.1)",
}

type ewcSettings struct {
	Strength Schedule `arg:"strength" default:"100" valid:"[0,inf)" search:"1..1e5 log" help:"multiple of the penalties"`
	Batches  int      `arg:"batches" default:"20" valid:"[1,inf)" help:"batches of a phase by which its F_k is estimated"`
}

type ewc[T problem.Float] struct {
	ewcSettings
	spans    []span
	seed     uint64
	phases   int64
	missed   int64
	fisher   []T // sum F_k
	weighted []T // sum F_k*x_k
}

func newEWC[T problem.Float](s *ewcSettings, c *Context[T]) (part[T], error) {
	if err := c.needsLabels(); err != nil {
		return nil, err
	}
	list, n := spans(c.Blocks)
	return &ewc[T]{ewcSettings: *s, spans: list, seed: c.Seed, fisher: kernel.Vector[T](n), weighted: kernel.Vector[T](n)}, nil
}

func (r *ewc[T]) Step(s *Step[T]) {
	if r.phases == 0 {
		return
	}
	strength := T(r.Strength.At(s.T))
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		f, w := r.fisher[p.at:][:len(d)], r.weighted[p.at:][:len(d)]
		for i := range d {
			d[i] += strength * (T(f[i]*x[i]) - w[i])
		}
	}
}

func (r *ewc[T]) EndPhase(x []T, batch func(i int) problem.Objective[T]) {
	r.phases++
	g, squares := make([]T, len(x)), make([]float64, len(r.fisher))
	for i := range r.Batches {
		f := batch(i + 1)
		sampler, ok := problem.As[problem.Sampler[T]](f)
		p, known := problem.As[problem.Predictor[T]](f)
		if !ok || !known {
			r.missed++
			return
		}
		labels := rng.At(r.seed, "ewc", int(r.phases)*r.Batches+i)
		sampled, ok := sampler.Sampled(x, labels.Uint64())
		if !ok {
			r.missed++
			return
		}
		sampled.Grad(g, x)
		n, _ := p.Size()
		for _, p := range r.spans {
			for j, v := range g[p.lo:p.hi] {
				squares[p.at+j] += float64(n) / float64(r.Batches) * float64(v) * float64(v)
			}
		}
	}
	for _, p := range r.spans {
		for j, v := range x[p.lo:p.hi] {
			r.fisher[p.at+j] += T(squares[p.at+j])
			r.weighted[p.at+j] += T(squares[p.at+j] * float64(v))
		}
	}
}

func (r *ewc[T]) Memory() []any { return []any{&r.phases, &r.missed, r.fisher, r.weighted} }

func (r *ewc[T]) Warnings() []string {
	if r.missed == 0 {
		return nil
	}
	return []string{fmt.Sprintf("ewc: %d of %d phases left no penalty: labels cannot be sampled from the network's predictions", r.missed, r.phases)}
}

func (r *ewc[T]) Flops() float64 { return 4 * float64(len(r.fisher)) }
