package optim

import (
	"fmt"
	"math"
	"regexp"

	"basin/kernel"
	"basin/problem"
)

var asamDoc = Doc{
	Name:    "asam",
	Family:  "flat",
	Summary: "Adaptive sharpness-aware minimization: sam with a neighbourhood that is measured relative to the size of each weight.",
	Equations: `T = |x| + eta on blocks whose names match scaled, 1 on others
e = rho * T^2 g / (|T g| + norm_eps)
d = base with the gradient at x + e, from x`,
	Source: "Kwon, Kim, Park & Choi 2021, ASAM: adaptive sharpness-aware minimization for scale-invariant learning of deep neural networks, arXiv 2102.11600, Algorithm 1",
	Notes: []string{
		"The norm is Euclidean over all blocks together.",
		"The authors' code scales what is called weight, gains of normalisations and embeddings included, as the default of scaled does. davda54's SAM with adaptive=True is eta=0, scaled=\"\", norm_eps=1e-12: all blocks are scaled.",
		"It asks for a gradient itself, so it comes first in a chain; what is to act on that gradient belongs into base.",
	},
	Blocks:      "those whose names match scaled are scaled",
	Epsilon:     "norm_eps, added to the norm",
	Memory:      "that of base",
	Gradients:   2,
	Invariances: []Invariance{SignedPermutation},
	Example:     "asam(rho=0.5, base=sgd(lr=0.1))",
}

type asamSettings struct {
	Rho     Schedule `arg:"rho" default:"0.5" valid:"[0,inf)" search:"1e-2..10 log" help:"distance uphill, in sizes of weights"`
	Base    Rule     `arg:"base" default:"sgd(lr=0.1)" help:"rule that takes the step"`
	Eta     float64  `arg:"eta" default:"0.01" valid:"[0,inf)" help:"added to the size of a weight"`
	Scaled  string   `arg:"scaled" default:"weight" help:"regexp for the names of the blocks that are scaled"`
	NormEps float64  `arg:"norm_eps" default:"1e-16" valid:"[0,inf)" help:"added to the norm"`
}

func (s *asamSettings) check() error {
	if _, err := regexp.Compile(s.Scaled); err != nil {
		return fmt.Errorf("scaled=%q is not a regular expression: %s", s.Scaled, regexpFault(err))
	}
	return nil
}

type asam[T problem.Float] struct {
	asamSettings
	blocks []problem.Block
	scaled []bool // per block
	spans  []span
	up     []T // T g, then x + e
	base   part[T]
}

func newASAM[T problem.Float](s *asamSettings, c *Context[T]) (part[T], error) {
	base, err := build(s.Base.o, c)
	if err != nil {
		return nil, err
	}
	r := &asam[T]{asamSettings: *s, blocks: c.Blocks, up: kernel.Vector[T](c.Layout.N), base: base}
	r.spans, _ = spans(c.Blocks)
	pattern := regexp.MustCompile(s.Scaled)
	for _, b := range c.Blocks {
		r.scaled = append(r.scaled, pattern.MatchString(b.Name))
	}
	return r, nil
}

func (r *asam[T]) Step(s *Step[T]) {
	copy(r.up, s.X)
	eta := T(r.Eta)
	for i, b := range r.blocks {
		g, x, u := problem.View(s.D, b), problem.View(s.X, b), problem.View(r.up, b)
		copy(u, g)
		if r.scaled[i] {
			for j, v := range x {
				u[j] *= T(math.Abs(float64(v))) + eta
			}
		}
	}
	length := norm(r.up, r.spans) + r.NormEps
	var rate T // of nothing, if there is nothing to go along
	if length != 0 {
		rate = T(r.Rho.At(s.T)) * reciprocal[T](length)
	}
	for i, b := range r.blocks {
		x, u := problem.View(s.X, b), problem.View(r.up, b)
		if !r.scaled[i] {
			for j, v := range x {
				u[j] = v + T(rate*u[j])
			}
			continue
		}
		for j, v := range x {
			u[j] = v + T(rate*u[j])*(T(math.Abs(float64(v)))+eta)
		}
	}
	s.F.Grad(s.D, r.up)
	r.base.Step(s)
}

func (r *asam[T]) Memory() []any      { return r.base.Memory() }
func (r *asam[T]) Unwrap() Stepper[T] { return r.base }

func (r *asam[T]) Flops() float64 {
	sum := 8 * float64(len(r.up))
	if c, ok := As[Coster](Stepper[T](r.base)); ok {
		sum += c.Flops()
	}
	return sum
}
