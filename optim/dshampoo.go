package optim

import (
	"math"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
)

var dshampooDoc = Doc{
	Name:    "dshampoo",
	Aliases: []string{"distributed_shampoo"},
	Family:  "matrix",
	Summary: "Shampoo on chunks of limited size, each step as long as that of a simpler rule would be.",
	Equations: `L_i = beta2*L_i + (1-beta2)*G_(i) G_(i)'      for each of the k dimensions of a chunk (beta2=1: their sum)
P_i = (L_i/(1-beta2^t) + eps I)^(-1/(2k))     when precondition_frequency divides t >= start, 0 before
v = grafting_beta2*v + (1-grafting_beta2)*g^2   (adagrad, or grafting_beta2=1: their sum)
m = beta1*m + (1-beta1)*g,  h = m/(1-beta1^t)
s = h / (sqrt(v/c) + grafting_eps),  c = 1-grafting_beta2^t for adam, else 1   (sgd, none: s = h)
u = h x_1 P_1 ... x_k P_k * |s|/(|u| + 1e-16)   (t < start: s; none: not scaled)
u = u + weight_decay*x
b = momentum*b + u
d = -lr*b                                     (nesterov: -lr*(u + momentum*b); momentum=0: -lr*u)`,
	Source: "Shi et al. 2023, A distributed data-parallel PyTorch implementation of the distributed Shampoo optimizer, arXiv 2309.06497; grafting: Agarwal et al. 2020, Disentangling adaptive gradient methods from learning rates, arXiv 2002.11803",
	Notes: []string{
		"Conventions are those of facebookresearch/optimizers at 3250518 with blocking, without merging of dimensions and with decoupled decay. A chunk is what cuts every max_preconditioner_dim entries along each dimension leave of a block; |.| is that of a chunk.",
		"start is start_preconditioning_step, -1 for precondition_frequency. Between start and the next multiple of precondition_frequency the P_i are still zero, as there, and so is the step, but for decay and momentum. Without momentum nesterov does nothing.",
		"L_i and v are of the gradient as it is, only the direction is of its mean. RMSProp's v is not corrected for its start at zero, Adam's is. Factors keep no eps: it is added to the eigenvalues when the root is taken, negative ones counting as zero.",
		"The authors' defaults are beta2=1, precondition_frequency=1 and no grafting; the defaults here are their README's for those who come from Adam, with max_preconditioner_dim=1024.",
		"If an eigendecomposition fails the old P_i is kept, and a warning says how often.",
	},
	Blocks:     "every block in chunks, each with a factor for every dimension",
	Decay:      "apart from the gradient, in the momentum if there is one, times lr",
	Epsilon:    "eps added to the eigenvalues of the factors, grafting_eps to the root of v",
	Correction: "m, the factors if beta2 is below 1, and Adam's v",
	Memory:     "up to 3 values per parameter (m unless beta1=0, v for adagrad, rmsprop and adam, b unless momentum=0), and 2 n^2 (L_i, P_i) for each dimension of length n of a chunk",
	Gradients:  1,

	Invariances: []Invariance{LossScale},
	Example:     "dshampoo(lr=0.01, precondition_frequency=10, grafting_eps=0)",
}

type graftKind string

type dshampooSettings struct {
	LR           Schedule  `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1 log" help:"step size"`
	Beta1        float64   `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2        float64   `arg:"beta2" default:"0.999" valid:"(0,1]" search:"0.9..0.9999" help:"memory of the covariances; 1: their sum"`
	Eps          float64   `arg:"eps" default:"1e-12" valid:"[0,inf)" search:"1e-12..1e-2 log" help:"added to every eigenvalue"`
	Momentum     float64   `arg:"momentum" default:"0" valid:"[0,1)" search:"0..0.99" help:"memory of past steps"`
	Nesterov     bool      `arg:"nesterov" default:"false" help:"look ahead along the momentum"`
	WeightDecay  Schedule  `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
	Frequency    int       `arg:"precondition_frequency" default:"100" valid:"[1,inf)" help:"steps between renewals of the roots"`
	Start        int       `arg:"start_preconditioning_step" default:"-1" valid:"[-1,inf)" help:"first step with roots; -1: precondition_frequency"`
	Grafting     graftKind `arg:"grafting" default:"adam" choices:"adagrad|rmsprop|adam|sgd|none" help:"rule whose length a step has"`
	GraftingEps  float64   `arg:"grafting_eps" default:"1e-8" valid:"[0,inf)" help:"added to the root of v"`
	GraftingBeta float64   `arg:"grafting_beta2" default:"0.999" valid:"(0,1]" search:"0.9..0.9999" help:"memory of the mean of squares; 1: their sum"`
	MaxDim       int       `arg:"max_preconditioner_dim" default:"1024" valid:"[1,inf)" help:"longest side of a chunk"`
}

// keepsSquares tells whether the grafted rule has a v.
func (s *dshampooSettings) keepsSquares() bool { return s.Grafting != "sgd" && s.Grafting != "none" }

// A chunk is a part of a block that is preconditioned by itself. Its own arrays are
// as long as it is.
type chunk[T problem.Float] struct {
	block problem.Block
	spans []span
	n     int
	m, v  []T
	modes []*mode[T]
}

type dshampoo[T problem.Float] struct {
	dshampooSettings
	chunks  []*chunk[T]
	spans   []span
	n       int
	b       []T
	g, u, w []T // room for the largest chunk
	scratch kernel.Scratch[T]
	roots   linop.Spectral[T]
}

func newDShampoo[T problem.Float](s *dshampooSettings, c *Context[T]) (part[T], error) {
	r := &dshampoo[T]{dshampooSettings: *s}
	if r.Start < 0 {
		r.Start = r.Frequency
	}
	largest := 0
	for _, b := range c.Blocks {
		for _, cut := range cuts(b.Shape, s.MaxDim) {
			p := &chunk[T]{block: b}
			p.spans, p.n = cut.spans(b)
			p.modes = newModes[T](problem.Block{Shape: cut.shape}, s.MaxDim)
			for _, f := range p.modes {
				clear(f.root)
			}
			if s.Beta1 != 0 {
				p.m = make([]T, p.n)
			}
			if s.keepsSquares() {
				p.v = make([]T, p.n)
			}
			r.chunks, largest = append(r.chunks, p), max(largest, p.n)
		}
	}
	r.spans, r.n = spans(c.Blocks)
	if s.Momentum != 0 {
		r.b = kernel.Vector[T](r.n)
	}
	r.g, r.u, r.w = make([]T, largest), make([]T, largest), make([]T, largest)
	r.scratch.Use(c.Crew)
	r.roots.Use(c.Crew)
	return r, nil
}

func (r *dshampoo[T]) Step(s *Step[T]) {
	for _, p := range r.chunks {
		u := r.direction(p, s)
		for _, q := range p.spans {
			copy(s.D[q.lo:q.hi], u[q.at:])
		}
	}
	lr, decay := T(r.LR.At(s.T)), T(r.WeightDecay.At(s.T))
	rates := kernel.MomentumRates[T]{Decay: decay, Keep: T(r.Momentum), Fresh: 1, Mean: 1, Step: -lr}
	if r.Nesterov {
		rates.Now, rates.Mean = 1, rates.Keep
	}
	for _, q := range r.spans {
		d, x := s.D[q.lo:q.hi], s.X[q.lo:q.hi]
		if r.b == nil {
			kernel.Axpby(-lr, d, -lr*decay, x)
		} else {
			kernel.Momentum(d, r.b[q.at:][:len(d)], x, &rates)
		}
	}
}

// direction is u for a chunk.
func (r *dshampoo[T]) direction(p *chunk[T], s *Step[T]) []T {
	t := float64(s.T)
	g, u, w := r.g[:p.n], r.u[:p.n], r.w[:p.n]
	for _, q := range p.spans {
		copy(g[q.at:], s.D[q.lo:q.hi])
	}
	weight := 1.0
	if r.Beta2 < 1 {
		weight = (1 - r.Beta2) / (1 - math.Pow(r.Beta2, t))
	}
	for _, f := range p.modes {
		f.observe(&r.scratch, g, T(r.Beta2))
		if s.T >= r.Start && s.T%r.Frequency == 0 {
			f.renew(&r.roots, weight, r.Eps, 0, 0.5/float64(len(p.modes)))
		}
	}
	if p.v != nil {
		r.square(p.v, g)
	}
	if p.m != nil {
		kernel.Axpby(T(r.Beta1), p.m, T(1-r.Beta1), g)
		copy(g, p.m)
		kernel.Scale(g, T(1/(1-math.Pow(r.Beta1, t))))
	}
	copy(w, g)
	if p.v != nil {
		r.graft(w, p.v, u, t)
	}
	if s.T < r.Start {
		return w
	}
	length := kernel.Norm2(w)
	for _, f := range p.modes {
		f.apply(&r.scratch, u, g)
		g, u = u, g
	}
	if r.Grafting != "none" {
		kernel.Scale(g, T(length/(kernel.Norm2(g)+1e-16)))
	}
	return g
}

// square takes g into the v of the grafted rule.
func (r *dshampoo[T]) square(v, g []T) {
	keep, fresh := T(r.GraftingBeta), T(1-r.GraftingBeta)
	if r.Grafting == "adagrad" || r.GraftingBeta == 1 {
		keep, fresh = 1, 1
	}
	kernel.MeanSquare(v, g, keep, fresh)
}

// graft divides w by the root of v; room is of their length.
func (r *dshampoo[T]) graft(w, v, room []T, t float64) {
	correct := 1.0
	if r.Grafting == "adam" && r.GraftingBeta < 1 {
		correct = 1 / math.Sqrt(1-math.Pow(r.GraftingBeta, t))
	}
	copy(room, w)
	kernel.Adam(w, room, v, r.g[:len(w)], &kernel.AdamRates[T]{Beta1: 1, Beta2: 1, Step: -1, Root: T(correct), Eps: T(r.GraftingEps)})
}

func (r *dshampoo[T]) Memory() []any {
	all := []any{r.b}
	for _, p := range r.chunks {
		all = append(all, p.m, p.v)
		for _, f := range p.modes {
			all = append(all, f.stat, f.root, &f.failed)
		}
	}
	return all
}

func (r *dshampoo[T]) Age(t int) (int, bool) {
	last := t - t%r.Frequency
	return t - last, last > 0 && last >= r.Start
}

func (r *dshampoo[T]) Warnings() []string {
	var all []string
	for _, p := range r.chunks {
		all = append(all, failures("dshampoo", p.block, p.modes)...)
	}
	return all
}

func (r *dshampoo[T]) Flops() float64 {
	sum := 4 * float64(r.n)
	for _, p := range r.chunks {
		sum += 12 * float64(p.n)
		for _, f := range p.modes {
			sum += f.flops(p.n, r.Frequency)
		}
	}
	return sum
}

// A cut is a part of an array: from index from[k], shape[k] of them along dimension k.
type cut struct{ from, shape []int }

// cuts divides an array after every size entries along each dimension, the last
// dimension fastest.
func cuts(shape []int, size int) []cut {
	if len(shape) == 0 {
		return []cut{{}}
	}
	var list []cut
	rest := cuts(shape[1:], size)
	for at := 0; at < shape[0]; at += size {
		for _, c := range rest {
			list = append(list, cut{append([]int{at}, c.from...), append([]int{min(size, shape[0]-at)}, c.shape...)})
		}
	}
	return list
}

// spans tells where the entries of the part are if the array is b; n is their number.
func (c cut) spans(b problem.Block) (list []span, n int) {
	rows := []int{0} // where the part begins for all indices of the dimensions so far
	for k, m := range c.shape {
		var next []int
		for _, row := range rows {
			for i := range m {
				next = append(next, row*b.Shape[k]+c.from[k]+i)
			}
		}
		rows = next
	}
	for _, at := range rows {
		lo := b.Off + at
		if k := len(list) - 1; k >= 0 && list[k].hi == lo {
			list[k].hi++
		} else {
			list = append(list, span{lo, lo + 1, n})
		}
		n++
	}
	return list, n
}
