package optim

import (
	"fmt"
	"math"

	"basin/kernel"
	"basin/problem"
)

var muonDoc = Doc{
	Name:    "muon",
	Family:  "matrix",
	Summary: "Momentum whose singular values are all driven to about one, for weight matrices; other blocks go to rest.",
	Equations: `m = momentum*m + (1-momentum)*g        (average=sum: momentum*m + g)
u = momentum*m + (1-momentum)*g        (average=sum: momentum*m + g; nesterov=false: m)
X = u / (|u|_F + eps), transposed if it has more rows than columns
ns_steps times: A = X X', X = 3.4445 X + (-4.7750 A + 2.0315 A A) X
d = -lr*weight_decay*x - lr*scale*X
scale = sqrt(max(1, rows/cols))        (moonlight: 0.2 sqrt(max(rows, cols)); kernel: that of the last two dimensions; none: 1)`,
	Source: "Jordan et al. 2024, Muon: an optimizer for hidden layers in neural networks; scale=moonlight, average=sum: Liu et al. 2025, Muon is scalable for LLM training, arXiv 2502.16982",
	Notes: []string{
		"orthogonalize=newton_schulz leaves singular values between about 0.68 and 1.13; polar goes on to the polar factor U V' of u = U S V', which is steepest descent in the spectral norm. ns_steps counts for the former alone. The iteration runs in the precision of training, not in bfloat16.",
		"It acts on weights of two or more dimensions; further dimensions are merged into columns, rows and cols being those of the merged matrix. Jordan's code takes them from the last two of all dimensions, those of a convolution's kernel: scale=kernel, which is refused for other than two or four dimensions, as that code has them for stacks of matrices. Biases, gains and embeddings go to rest, with the settings of rest alone; where there are no matrices muon is refused. To keep it off the last layer: split(last=adamw, rest=muon).",
		"Decay is multiplied by lr, not by lr*scale.",
	},
	Blocks:      "weights of two or more dimensions, as matrices; all others go to rest",
	Decay:       "apart from the gradient, times lr",
	Epsilon:     "added to the Frobenius norm before the iteration",
	Memory:      "1 value per weight (m), and that of rest",
	Gradients:   1,
	Invariances: []Invariance{LossScale, Rotation},
	Example:     "muon(lr=0.02, rest=adamw(lr=1e-3))",
}

type (
	muonMethod  string
	muonScaling string
	muonAverage string
)

type muonSettings struct {
	LR            Schedule    `arg:"lr" default:"0.02" valid:"(0,inf)" search:"1e-4..1 log" help:"step size"`
	Momentum      float64     `arg:"momentum" default:"0.95" valid:"[0,1)" search:"0..0.99" help:"memory of past gradients"`
	Nesterov      bool        `arg:"nesterov" default:"true" help:"mix the newest gradient in once more"`
	WeightDecay   Schedule    `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
	NSSteps       int         `arg:"ns_steps" default:"5" valid:"[0,100]" help:"steps of the Newton-Schulz iteration"`
	Orthogonalize muonMethod  `arg:"orthogonalize" default:"newton_schulz" choices:"newton_schulz|polar" help:"how singular values are driven to one"`
	Scale         muonScaling `arg:"scale" default:"original" choices:"original|kernel|moonlight|none" help:"factor that depends on the shape"`
	Average       muonAverage `arg:"average" default:"ema" choices:"ema|sum" help:"whether m is a mean or a sum"`
	Eps           float64     `arg:"eps" default:"1e-7" valid:"[0,inf)" help:"added to the norm"`
	Rest          Rule        `arg:"rest" default:"adamw(lr=1e-3)" help:"rule for blocks that are not weight matrices"`
}

type muon[T problem.Float] struct {
	muonSettings
	matrices []problem.Block
	m        [][]T // per matrix
	orth     *orthogonalizer[T]
	rest     parts[T] // one, or none if all blocks are matrices
}

// isMatrix tells which blocks the matrix rules take for matrices.
func isMatrix(b problem.Block) bool { return b.Role == problem.Weight && len(b.Shape) >= 2 }

func newMuon[T problem.Float](s *muonSettings, c *Context[T]) (part[T], error) {
	r := &muon[T]{muonSettings: *s}
	var others []problem.Block
	for _, b := range c.Blocks {
		if !isMatrix(b) {
			others = append(others, b)
			continue
		}
		if n := len(b.Shape); s.Scale == "kernel" && n != 2 && n != 4 {
			return nil, fmt.Errorf("scale=kernel is for matrices and for convolutions of four dimensions, %s has %d", b.Name, n)
		}
		r.matrices = append(r.matrices, b)
		r.m = append(r.m, kernel.Vector[T](b.Len()))
	}
	if len(r.matrices) == 0 {
		return nil, fmt.Errorf("there is no weight matrix among the blocks %s, so that only its rest would act; use that itself: %v",
			blockNames(c.Blocks), s.Rest.Recipe())
	}
	steps := muonSteps(s.NSSteps)
	if s.Orthogonalize == "polar" {
		steps = polarSteps[T]()
	}
	r.orth = newOrthogonalizer[T](steps, s.Eps, r.matrices)
	r.orth.scratch.Use(c.Crew)
	if len(others) > 0 {
		rest, err := build(s.Rest.o, c.on(others, "muon/rest"))
		if err != nil {
			return nil, err
		}
		r.rest = parts[T]{rest}
	}
	return answering(part[T](r), c.Blocks, r.rest...), nil
}

func (r *muon[T]) Step(s *Step[T]) {
	lr := r.LR.At(s.T)
	decay, momentum, fresh := T(lr*r.WeightDecay.At(s.T)), T(r.Momentum), T(1-r.Momentum)
	if r.Average == "sum" {
		fresh = 1
	}
	rates := kernel.MomentumRates[T]{Keep: momentum, Fresh: fresh, Mean: 1, Step: 1}
	if r.Nesterov {
		rates.Now, rates.Mean = fresh, momentum
	}
	for k, b := range r.matrices {
		x, d, m := problem.View(s.X, b), problem.View(s.D, b), r.m[k]
		kernel.Momentum(d, m, x, &rates)
		rows, cols, _ := b.Matrix()
		r.orth.apply(d, rows, cols)
		kernel.Axpby(-T(lr*r.scale(b)), d, -decay, x)
	}
	for _, rest := range r.rest {
		rest.Step(s)
	}
}

func (r *muon[T]) scale(b problem.Block) float64 {
	rows, cols, _ := b.Matrix()
	switch r.Scale {
	case "kernel":
		n := len(b.Shape)
		rows, cols = b.Shape[n-2], b.Shape[n-1]
		fallthrough
	case "original":
		return math.Sqrt(max(1, float64(rows)/float64(cols)))
	case "moonlight":
		return 0.2 * math.Sqrt(float64(max(rows, cols)))
	}
	return 1
}

func (r *muon[T]) Memory() []any {
	var all []any
	for _, m := range r.m {
		all = append(all, m)
	}
	return append(all, r.rest.Memory()...)
}

func (r *muon[T]) Warnings() []string { return r.rest.Warnings() }

func (r *muon[T]) Flops() float64 {
	sum := r.rest.Flops()
	for _, b := range r.matrices {
		rows, cols, _ := b.Matrix()
		sum += 9*float64(b.Len()) + r.orth.flops(rows, cols)
	}
	return sum
}
