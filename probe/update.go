package probe

import (
	"errors"
	"math"

	"basin/kernel"
	"basin/problem"
)

var updateDoc = Doc{
	Name:    "update",
	Family:  "path",
	Summary: "The last step that training made: its rank, its size, and how far it went downhill.",
	Readings: []Reading{
		{Name: "update_erank", Formula: "exp(-sum_i p_i ln p_i), p = s / sum s, s the singular values of the last step U of a matrix; mean over matrices", Null: "min(m, n) for orthogonal steps such as Muon's; at most the predictions of a batch for its plain gradient", Invariant: Permutation | Rotation, Parts: "blocks", Headline: true},
		{Name: "update_stable_rank", Formula: "|U|_F^2 / |U|_2^2; mean over matrices", Null: "as that of update_erank", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "update_rms", Formula: "(mean_i u_i^2)^(1/2)", Null: "lr for steps of signs", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "update_cosine", Formula: "-<u, g> / (|u|_2 |g|_2), g the gradient of the training loss where the step began, theta - u", Null: "1 for plain gradient descent in full batches, about +-1/sqrt(n) for a random step of n parameters", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "update_stale", Formula: "steps since that was renewed which made U, the oldest of it: roots, bases or diagonals that a rule renews only now and then", Unit: "steps", Null: "0 where they are renewed at every step", Invariant: Permutation | Rescaling | Rotation},
	},
	Source: "rank of steps: Jordan et al. 2024, Muon: an optimizer for hidden layers in neural networks; effective rank: Roy & Vetterli 2007",
	Needs:  "the last step: of solutions taken in training, after the first step",
	Cost:   "one gradient of `examples` training examples, and singular values of every matrix",
	Notes: []string{
		"A step is all that changed the parameters, decay included. Its length, also relative to that of the parameters, is step_last of `distance`.",
		"The gradient is of `examples` training examples in evaluation mode, not of the batch that the step was made from: noise makes the cosine small, and so do preconditioning and momentum.",
		"Where an optimizer answers with an average, the step is that of the point which is trained, and the gradient is at the average less the step.",
	},
}

type update struct {
	Examples int `arg:"examples" default:"0" valid:"[0,inf)" help:"training examples of the gradient, 0 for all; a sequence counts as its predictions"`
}

func (s *update) Measure(p *Pass) error {
	u := p.Update
	if u == nil {
		return errors.New("the last step is not known: it is of solutions taken in training, after the first step")
	}
	for _, m := range []measure{{"update_erank", spectrum.effectiveRank}, {"update_stable_rank", spectrum.stableRank}} {
		perBlock(p, m.name, matrices(p.Layout), func(b problem.Block) (float64, error) {
			a, err := Need(p, weightSpectrum{b.Name, updated})
			if err != nil {
				return 0, err
			}
			return m.of(a), nil
		})
	}
	whole(p, "update_rms", u, func(u []float64) float64 { return kernel.Norm2(u) / math.Sqrt(float64(len(u))) })
	switch c := p.Course; {
	case c == nil:
		p.None("update_stale", "the course of training was not recorded")
	case c.Stale < 0:
		p.None("update_stale", "the optimizer makes its steps from nothing that it renews only now and then")
	default:
		p.Exact("update_stale", float64(c.Stale))
	}
	g, err := s.gradient(p)
	if err != nil {
		return err
	}
	read := func(name string, u, g []float64) {
		if c, err := cosine(u, g); err != nil {
			p.None(name, err.Error())
		} else {
			p.Exact(name, -c)
		}
	}
	read("update_cosine", u, g)
	for _, b := range p.Layout.Blocks {
		read(part("update_cosine", b.Name), problem.View(u, b), problem.View(g, b))
	}
	return nil
}

// gradient is that of the training loss where the step began.
func (s *update) gradient(p *Pass) ([]float64, error) {
	f, err := Need(p, Subset{"train", s.Examples})
	if err != nil {
		return nil, err
	}
	x, g := append([]float64(nil), p.X...), make([]float64, len(p.X))
	kernel.Axpy(x, -1, p.Update)
	f.Grad(g, x)
	if !kernel.Finite(g) {
		return nil, errors.New("the gradient is not finite")
	}
	return g, nil
}

// cosine is that of the angle between two vectors.
func cosine(a, b []float64) (float64, error) {
	a, b = unit(a), unit(b)
	lengths := kernel.Norm2(a) * kernel.Norm2(b)
	if lengths == 0 {
		return 0, errors.New("the step or the gradient is zero")
	}
	return kernel.Dot(a, b) / lengths, nil
}
