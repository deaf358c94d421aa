package optim

import (
	"basin/kernel"
	"basin/problem"
)

var marsDoc = Doc{
	Name:    "mars",
	Family:  "adaptive",
	Summary: "MARS: base is given the gradient with a share of its last change added, which lessens the variance of its mean.",
	Equations: `c = g + gamma*beta1/(1-beta1)*(g - g_last)
c = c * min(1, max_norm/|c|)
d = base with c for the gradient
g_last = g`,
	Source: "Yuan et al. 2024, MARS: unleashing the power of variance reduction for training large models, arXiv 2411.10438, Algorithms 2 to 4",
	Notes: []string{
		"beta1 is to be that of base. MARS-AdamW is base=adamw, MARS-Lion base=signum(momentum=beta1), MARS-Shampoo base=muon(momentum=beta1, nesterov=false, average=sum).",
		"It is the approximate variant, as in the authors' experiments: g_last is the last gradient as it was, not one taken anew on the present batch. It starts at zero, so that the first c is g*(1 + gamma*beta1/(1-beta1)), as in the authors' code.",
		"By default it acts on blocks of exactly two dimensions, and the others, convolutions too, go to rest, with the settings of rest alone, as in the authors' code; acts_on=all leaves nothing to rest.",
	},
	Blocks:      "acts_on=matrices: blocks of two dimensions, all others go to rest; the norm is that of each block",
	Clipping:    "c, at a norm of max_norm for each block",
	Memory:      "1 value per parameter (g_last), and that of base; that of rest",
	Gradients:   1,
	Invariances: []Invariance{SignedPermutation},
	Example:     "mars(base=adamw(lr=3e-3, beta1=0.95, beta2=0.99))",
}

type marsBlocks string

type marsSettings struct {
	Gamma   float64    `arg:"gamma" default:"0.025" valid:"[0,inf)" search:"1e-3..0.1 log" help:"share of the correction"`
	Beta1   float64    `arg:"beta1" default:"0.95" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients in base"`
	MaxNorm float64    `arg:"max_norm" default:"1" valid:"(0,inf]" search:"1e-2..1e2 log" help:"largest norm of a block of c"`
	ActsOn  marsBlocks `arg:"acts_on" default:"matrices" choices:"matrices|all" help:"blocks that go to base"`
	Base    Rule       `arg:"base" default:"adamw(lr=3e-3, beta1=0.95, beta2=0.99, weight_decay=0)" help:"rule that takes the step"`
	Rest    Rule       `arg:"rest" default:"adamw(lr=3e-3, beta1=0.9, beta2=0.95, weight_decay=0.1)" help:"rule for the other blocks"`
}

type mars[T problem.Float] struct {
	marsSettings
	parts[T] // base and rest, where they have blocks
	blocks   []span
	last     []T
	g        []T // of the longest block
}

func newMARS[T problem.Float](s *marsSettings, c *Context[T]) (part[T], error) {
	var mine, others []problem.Block
	for _, b := range c.Blocks {
		if s.ActsOn == "all" || len(b.Shape) == 2 {
			mine = append(mine, b)
		} else {
			others = append(others, b)
		}
	}
	r := &mars[T]{marsSettings: *s}
	var n int
	r.blocks, n = blockSpans(mine)
	r.last = kernel.Vector[T](n)
	r.g = make([]T, longest(r.blocks))
	for _, p := range []struct {
		rule   Rule
		blocks []problem.Block
		name   string
	}{{s.Base, mine, "mars/base"}, {s.Rest, others, "mars/rest"}} {
		if len(p.blocks) == 0 {
			continue
		}
		made, err := build(p.rule.o, c.on(p.blocks, p.name))
		if err != nil {
			return nil, err
		}
		r.parts = append(r.parts, made)
	}
	return answering(part[T](r), c.Blocks, r.parts...), nil
}

func (r *mars[T]) Step(s *Step[T]) {
	share := T(r.Gamma * r.Beta1 / (1 - r.Beta1))
	for _, p := range r.blocks {
		d := s.D[p.lo:p.hi]
		g, last := r.g[:len(d)], r.last[p.at:][:len(d)]
		copy(g, d)
		kernel.Axpby(1+share, d, -share, last)
		copy(last, g)
		if length := kernel.Norm2(d); length > r.MaxNorm {
			kernel.Scale(d, T(r.MaxNorm/length))
		}
	}
	for _, p := range r.parts {
		p.Step(s)
	}
}

func (r *mars[T]) Memory() []any  { return append([]any{r.last}, r.parts.Memory()...) }
func (r *mars[T]) Flops() float64 { return 6*float64(len(r.last)) + r.parts.Flops() }
