package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var scionDoc = Doc{
	Name:    "scion",
	Family:  "normalised",
	Summary: "Steps to the edge of a ball whose norm fits the layer, from zero and partway (constrained) or from where x is.",
	Equations: `m = momentum*m + (1-momentum)*g
u = sqrt(out/in)/area * U V'         for weights out x in x (kernel of so many points: area), m = U S V' as a matrix
u = sign(m)/cols                     for the matrix of the last layer and for embeddings
u = m/rms(m)                         for other blocks
d = -lr*x - lr*radius*u              (last layer and embeddings: last_radius; constrained=false: without -lr*x)`,
	Source: "Pethick et al. 2025, Training deep learning models with norm-constrained LMOs, arXiv 2502.07529, Algorithms 1 (unconstrained) and 2 (constrained)",
	Notes: []string{
		"radius*u is minus the linear minimization oracle over the ball |x| <= radius of the norm of the layer: the spectral one between root mean squares, the largest entry times cols, and the root mean square. Constrained, it is a Frank-Wolfe step; there -lr*x has the place of weight decay, which is 1/radius in the terms of others, and x never leaves the balls that it starts in (with newton_schulz 1.13 of their radius).",
		"Conventions are those of LIONS-EPFL/scion: the kernel's points divide what a convolution may do, embeddings have the norm of the last layer, as if they were shared, and are divided by their width. There momentum is what is 1-momentum here, and the start is put on the edge of the balls, which the model decides here.",
		"orthogonalize=newton_schulz leaves singular values between about 0.68 and 1.13, as there; polar goes on to U V'. sign(0) = 0, and nothing is added to a divisor: what is zero stays where it is.",
		"The last layer is that of the last block; what belongs to its layer but is no weight matrix counts with the others. A first layer has the spectral norm too, unless it is an embedding.",
	},
	Blocks:    "weights of two or more dimensions, the last layer's and embeddings, and all others have norms of their own",
	Decay:     "constrained: lr*x, apart from the gradient",
	Memory:    "1 value per parameter (m), none without momentum",
	Gradients: 1,
	EndsAt:    "constrained: a minimum of the loss over the balls, not one of the loss alone where that lies outside",

	Invariances: []Invariance{LossScale},
	Example:     "scion(lr=0.01, radius=2, last_radius=10)",
}

type scionSettings struct {
	LR            Schedule   `arg:"lr" default:"2.5e-4" valid:"(0,1]" search:"1e-5..1e-1 log" help:"share of the way to the edge"`
	Momentum      float64    `arg:"momentum" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Radius        float64    `arg:"radius" default:"50" valid:"(0,inf)" search:"1..1e3 log" help:"of the balls"`
	LastRadius    float64    `arg:"last_radius" default:"3000" valid:"(0,inf)" search:"1..1e4 log" help:"of those of the last layer and of embeddings"`
	Constrained   bool       `arg:"constrained" default:"true" help:"step towards the edge, not along it"`
	Orthogonalize muonMethod `arg:"orthogonalize" default:"newton_schulz" choices:"newton_schulz|polar" help:"how singular values are driven to one"`
	NSSteps       int        `arg:"ns_steps" default:"5" valid:"[0,100]" help:"steps of the Newton-Schulz iteration"`
}

type scion[T problem.Float] struct {
	scionSettings
	blocks []problem.Block
	last   string // layer
	m      []T
	orth   *orthogonalizer[T]
}

func newScion[T problem.Float](s *scionSettings, c *Context[T]) (part[T], error) {
	all := c.Layout.Blocks
	r := &scion[T]{scionSettings: *s, blocks: c.Blocks, last: layer(all[len(all)-1])}
	var matrices []problem.Block
	n := 0
	for _, b := range c.Blocks {
		n += b.Len()
		if isMatrix(b) && layer(b) != r.last {
			matrices = append(matrices, b)
		}
	}
	steps := muonSteps(s.NSSteps)
	if s.Orthogonalize == "polar" {
		steps = polarSteps[T]()
	}
	r.orth = newOrthogonalizer[T](steps, 0, matrices)
	r.orth.scratch.Use(c.Crew)
	if s.Momentum != 0 {
		r.m = kernel.Vector[T](n)
	}
	return r, nil
}

func (r *scion[T]) Step(s *Step[T]) {
	lr, decay := r.LR.At(s.T), T(0)
	if r.Constrained {
		decay = T(lr)
	}
	at := 0
	for _, b := range r.blocks {
		x, d := problem.View(s.X, b), problem.View(s.D, b)
		if r.m != nil {
			m := r.m[at:][:len(d)]
			kernel.Axpby(T(r.Momentum), m, T(1-r.Momentum), d)
			copy(d, m)
			at += len(d)
		}
		kernel.Axpby(-T(lr*r.edge(d, b)), d, -decay, x)
	}
}

// edge replaces d by the direction of u, and gives the factor that makes it radius*u.
func (r *scion[T]) edge(d []T, b problem.Block) float64 {
	rows, cols, matrix := b.Matrix()
	switch {
	case matrix && (b.Role == problem.Embedding || isMatrix(b) && layer(b) == r.last):
		signs(d)
		return r.LastRadius / float64(cols)
	case isMatrix(b):
		r.orth.apply(d, rows, cols)
		in := float64(b.Shape[1])
		return r.Radius * math.Sqrt(float64(rows)/in) * in / float64(cols)
	}
	unit(d)
	return r.Radius * math.Sqrt(float64(len(d)))
}

func (r *scion[T]) Memory() []any { return []any{r.m} }

func (r *scion[T]) Flops() float64 {
	sum := 0.0
	for _, b := range r.blocks {
		sum += 7 * float64(b.Len())
		if isMatrix(b) && layer(b) != r.last {
			rows, cols, _ := b.Matrix()
			sum += r.orth.flops(rows, cols)
		}
	}
	return sum
}
