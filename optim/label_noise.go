package optim

import (
	"errors"
	"fmt"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

var labelNoiseDoc = Doc{
	Name:    "label_noise",
	Family:  "noisy",
	Summary: "Fresh noise on the labels of every batch, which drives training along the minima towards flat ones.",
	Equations: `squared loss           y = y + sd*z,  z normal with unit variance
cross-entropy, logistic   with probability flip, y = another class, all alike likely
g = gradient with these labels = g + J'u/n,  u = the change of the loss's gradient in the n predictions' outputs`,
	Source: "Blanc, Gupta, Valiant & Valiant 2020, Implicit regularization for deep neural networks driven by an Ornstein-Uhlenbeck like process, arXiv 1904.09080; Damian, Ma & Lee 2021, Label noise SGD provably prefers flat global minimizers, arXiv 2106.06530",
	Notes: []string{
		"J is the Jacobian of the outputs at x, so the noisy gradient is exact, and the batches stay what they are for every other rule. The draws follow from the seed, the step and the place in the batch.",
		"Exponential loss, whose gradient does not move with the label alone, and objectives over no examples have no such noise, and are refused.",
	},
	EndsAt:      "nowhere: it goes on along the minima",
	Memory:      "none",
	Gradients:   1,
	Products:    1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "label_noise(flip=0.1) | sgd(lr=0.1)",
}

type labelNoiseSettings struct {
	SD   Schedule `arg:"sd" default:"0.5" valid:"[0,inf)" search:"1e-2..10 log" help:"standard deviation of noise on the targets of squared loss"`
	Flip Schedule `arg:"flip" default:"0.1" valid:"[0,1]" search:"1e-3..0.5 log" help:"probability that a class is replaced by another"`
}

type labelNoise[T problem.Float] struct {
	labelNoiseSettings
	spans  []span
	seed   uint64
	u, j   []T   // noise in the outputs, and J'u
	missed int64 // steps without noise
}

func newLabelNoise[T problem.Float](s *labelNoiseSettings, c *Context[T]) (part[T], error) {
	if err := c.needsOutputs(); err != nil {
		return nil, err
	}
	if p, ok := problem.As[problem.Predictor[T]](c.First); ok && p.LossKind() == problem.Exponential {
		return nil, errors.New("exponential loss has no noise of this kind, as its gradient does not move with the label alone")
	}
	list, _ := spans(c.Blocks)
	return &labelNoise[T]{labelNoiseSettings: *s, spans: list, seed: c.Seed, j: kernel.Vector[T](c.Layout.N)}, nil
}

func (r *labelNoise[T]) Step(s *Step[T]) {
	p, known := problem.As[problem.Predictor[T]](s.F)
	j, apart := problem.As[problem.Jacobian[T]](s.F)
	if !known || !apart || p.LossKind() == problem.Exponential {
		r.missed++
		return
	}
	n, outputs := p.Size()
	if cap(r.u) < n*outputs {
		r.u = make([]T, n*outputs)
	}
	u := r.u[:n*outputs]
	clear(u)
	noise := rng.At(r.seed, "label_noise", s.T)
	if p.LossKind() == problem.Squared {
		sd := r.SD.At(s.T)
		for i := range u {
			u[i] = -T(sd * noise.Norm())
		}
	} else {
		flip := r.Flip.At(s.T)
		for i, y := range p.Labels() {
			if noise.Float64() >= flip {
				continue
			}
			switch {
			case p.LossKind() == problem.Logistic:
				u[i] = T(2*y - 1)
			case outputs > 1:
				u[i*outputs+y] = 1
				u[i*outputs+(y+1+noise.IntN(outputs-1))%outputs] = -1
			}
		}
	}
	j.VecJac(r.j, s.X, u)
	for _, p := range r.spans {
		kernel.Axpy(s.D[p.lo:p.hi], T(1/float64(n)), r.j[p.lo:p.hi])
	}
}

func (r *labelNoise[T]) Memory() []any { return []any{&r.missed} }

func (r *labelNoise[T]) Warnings() []string {
	if r.missed == 0 {
		return nil
	}
	return []string{fmt.Sprintf("label_noise: %d steps had no noise: the loss has none of this kind, or is over no examples", r.missed)}
}

func (r *labelNoise[T]) Flops() float64 { return 2 * float64(len(r.j)) }
