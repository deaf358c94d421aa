package optim

import (
	"errors"
	"fmt"
	"math"

	"basin/kernel"
	"basin/problem"
)

var kfacDoc = Doc{
	Name:    "kfac",
	Family:  "curvature",
	Summary: "K-FAC: the gradient of each layer divided by an average Kronecker product of two small matrices in the place of its Fisher matrix; other blocks go to rest.",
	Equations: `A = stat_decay*A + (1-stat_decay) * sum v v' / predictions      from A = I, every factor_update_steps
G = stat_decay*G + (1-stat_decay) * sum s s' / places           from G = I, likewise
A = U a U', G = W c W'                                          every inv_update_steps
V = W [(W' g U) / (c a' + damping)] U'                          g = (weight, bias) of a layer
n = min(1, sqrt(kl_clip / (lr^2 sum V*g)))                      over all layers
m = momentum*m + n*V + weight_decay*x
d = -lr*m`,
	Source: "Martens & Grosse 2015, Optimizing neural networks with Kronecker-factored approximate curvature, arXiv 1503.05671; convolutions: Grosse & Martens 2016, arXiv 1602.01407; eigenvectors: George et al. 2018, arXiv 1806.03884, without the rescaling; clip: Ba, Grosse & Martens 2017",
	Notes: []string{
		"v are a layer's inputs, followed by 1 where it has a bias, and s the gradients of the predictions' own losses in its outputs; for a convolution v are the patches under its window, and places as many as it has pixels. Factors are those of the step's batch at x, and are renewed at steps 1, 1+factor_update_steps, ... before the step of the same number.",
		"damping is added to the product of eigenvalues, as in the codes of alecwangcq and gpauloski; the paper adds the root of it to each factor, shared out by their traces (pi), and its momentum and damping, found by products with the exact Fisher matrix, are left out.",
		"labels=sampled draws labels from the model, as the paper does; labels=given takes the true ones, which makes it the empirical Fisher matrix. Losses that are no negative log-likelihood have no labels to sample.",
		"gradients=mean takes s of the mean loss, so that G is batch^2 smaller, as gpauloski's code does with what a backward pass gives; batch is the number of predictions, for batch=0 that of the first batch. gradients=own is the paper's, and alecwangcq's code.",
		"Decay is added after preconditioning, as by an SGD that is given V; alecwangcq's code leaves it out of the first 20 factor_update_steps steps.",
		"Eigenvalues below 1e-10 of the largest count as zero, and quotients with divisor zero as zero. If an eigendecomposition fails the older one is kept, and a warning says how often.",
	},
	Blocks:      "layers whose weight multiplies activations in one place alone, with their biases, unless a factor is longer than max_dim; all others go to rest",
	Clipping:    "the change of all layers together, by kl_clip",
	Decay:       "after preconditioning, in m",
	Memory:      "1 value per parameter of the layers (m), 2 n^2 + n for each factor of n rows (itself, eigenvectors, eigenvalues), and that of rest",
	Gradients:   1.1,
	Invariances: []Invariance{Rotation},
	Example:     "kfac(lr=0.1, rest=sgd(lr=0.1, momentum=0.9))",
}

type (
	kfacLabels    string
	kfacGradients string
)

type kfacSettings struct {
	LR                Schedule      `arg:"lr" default:"0.1" valid:"(0,inf)" search:"1e-4..1 log" help:"step size"`
	Momentum          float64       `arg:"momentum" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of past changes"`
	StatDecay         float64       `arg:"stat_decay" default:"0.95" valid:"[0,1)" search:"0.5..0.999" help:"memory of the factors"`
	Damping           float64       `arg:"damping" default:"1e-3" valid:"[0,inf)" search:"1e-5..1 log" help:"added to the product of eigenvalues"`
	KLClip            float64       `arg:"kl_clip" default:"1e-3" valid:"(0,inf]" search:"1e-5..1 log" help:"most that a step may come to in the metric of the factors"`
	WeightDecay       Schedule      `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to what m remembers"`
	FactorUpdateSteps int           `arg:"factor_update_steps" default:"10" valid:"[1,inf)" help:"steps from one renewal of the factors to the next"`
	InvUpdateSteps    int           `arg:"inv_update_steps" default:"100" valid:"[1,inf)" help:"steps from one eigendecomposition to the next"`
	Labels            kfacLabels    `arg:"labels" default:"sampled" choices:"sampled|given" help:"whose labels: the model's or the true ones"`
	Gradients         kfacGradients `arg:"gradients" default:"own" choices:"own|mean" help:"whether G is of gradients of predictions' own losses or of their mean"`
	Batch             int           `arg:"batch" default:"0" valid:"[0,inf)" help:"predictions in a batch, for gradients=mean; 0: as many as the first batch has"`
	MaxDim            int           `arg:"max_dim" default:"1024" valid:"[1,inf)" help:"longest factor; layers with a longer one go to rest"`
	Rest              Rule          `arg:"rest" default:"adamw(lr=1e-3)" help:"rule for blocks that are of no layer"`
}

func (s *kfacSettings) evaluations() (gradients, products float64) {
	gradients, products = s.Rest.o.evaluations()
	return gradients + 1/float64(s.FactorUpdateSteps), products
}

type kfac[T problem.Float] struct {
	kfacSettings
	c      *Context[T]
	share  T // of G that counts
	layers []*kroneckerLayer[T]
	index  []int // of layers among those of the objective
	as, gs [][]T // factors of all layers of the objective, as they are at a step
	rest   parts[T]
	roots  workshop
	room   kernel.Scratch[T]
	u, w   []T // for the largest layer
	failed int64
}

// A kroneckerLayer is the weight and the bias of a layer as one matrix, out x in.
type kroneckerLayer[T problem.Float] struct {
	weight, bias problem.Block
	biased       bool
	in, out      factor[T]
	v, m         []T
}

// A factor is a symmetric matrix that moves, and its eigenvalues and eigenvectors, those of
// value i being column i.
type factor[T problem.Float] struct {
	n                     int
	stat, values, vectors []T
}

func newFactor[T problem.Float](n int) factor[T] {
	f := factor[T]{n, make([]T, n*n), make([]T, n), make([]T, n*n)}
	for i := range n {
		f.stat[i*n+i], f.values[i], f.vectors[i*n+i] = 1, 1, 1
	}
	return f
}

// eigenFloor is what share of the largest eigenvalue counts as zero.
const eigenFloor = 1e-10

// renew decomposes what the factor is now. It reports false, and keeps what it had, if that
// cannot be done.
func (f *factor[T]) renew(w *workshop) bool {
	w.fit(f.n)
	for i, v := range f.stat {
		w.wide[i] = float64(v)
	}
	if err := w.SymEig(w.values, w.vectors, w.wide, f.n); err != nil {
		return false
	}
	top := w.values[f.n-1]
	for i, v := range w.values {
		if v < eigenFloor*top {
			v = 0
		}
		f.values[i] = T(v)
	}
	for i, v := range w.vectors {
		f.vectors[i] = T(v)
	}
	return true
}

func newKFAC[T problem.Float](s *kfacSettings, c *Context[T]) (part[T], error) {
	if c.First == nil {
		return nil, errors.New("it must know the first objective, whose layers it acts on")
	}
	f, ok := problem.As[problem.Kronecker[T]](c.First)
	if !ok {
		return nil, errors.New("this objective has no layers with Kronecker factors")
	}
	if s.Labels == "sampled" {
		if err := c.needsLabels(); err != nil {
			return nil, fmt.Errorf("%w; use labels=given", err)
		}
	}
	r := &kfac[T]{kfacSettings: *s, c: c, share: 1}
	if s.Gradients == "mean" {
		batch := s.Batch
		if batch == 0 {
			batch = c.predictions()
		}
		r.share = T(1 / (float64(batch) * float64(batch)))
	}
	mine := map[int]bool{} // offsets of blocks to act on
	for _, b := range c.Blocks {
		mine[b.Off] = true
	}
	largest := 0
	for i, l := range f.KroneckerLayers() {
		r.as, r.gs = append(r.as, make([]T, l.In*l.In)), append(r.gs, make([]T, l.Out*l.Out))
		made := &kroneckerLayer[T]{weight: c.Layout.Blocks[l.Weight], biased: l.Bias >= 0}
		if made.biased {
			made.bias = c.Layout.Blocks[l.Bias]
		}
		if !mine[made.weight.Off] || made.biased && !mine[made.bias.Off] || max(l.In, l.Out) > s.MaxDim {
			continue
		}
		delete(mine, made.weight.Off)
		if made.biased {
			delete(mine, made.bias.Off)
		}
		made.in, made.out = newFactor[T](l.In), newFactor[T](l.Out)
		made.v, made.m = make([]T, l.In*l.Out), make([]T, l.In*l.Out)
		largest = max(largest, l.In*l.Out)
		r.layers, r.index = append(r.layers, made), append(r.index, i)
	}
	if len(r.layers) == 0 {
		return nil, fmt.Errorf("there is no layer with Kronecker factors of at most max_dim=%d rows among the blocks %s, so that only its rest would act; use that itself: %v",
			s.MaxDim, blockNames(c.Blocks), s.Rest.Recipe())
	}
	r.u, r.w = make([]T, largest), make([]T, largest)
	r.roots.use(c.Crew)
	r.room.Use(c.Crew)
	var others []problem.Block
	for _, b := range c.Blocks {
		if mine[b.Off] {
			others = append(others, b)
		}
	}
	if len(others) > 0 {
		rest, err := build(s.Rest.o, c.on(others, "kfac/rest"))
		if err != nil {
			return nil, err
		}
		r.rest = parts[T]{rest}
	}
	return answering(part[T](r), c.Blocks, r.rest...), nil
}

func (r *kfac[T]) Step(s *Step[T]) {
	if (s.T-1)%r.FactorUpdateSteps == 0 {
		r.observe(s)
	}
	if (s.T-1)%r.InvUpdateSteps == 0 {
		for _, l := range r.layers {
			for _, f := range []*factor[T]{&l.in, &l.out} {
				if !f.renew(&r.roots) {
					r.failed++
				}
			}
		}
	}
	lr, along := r.LR.At(s.T), 0.0
	for _, l := range r.layers {
		along += r.precondition(l, s.D)
	}
	clip := 1.0
	if size := along * lr * lr; !(size <= r.KLClip) {
		clip = math.Sqrt(r.KLClip / size)
	}
	rates := kernel.MomentumRates[T]{Decay: T(r.WeightDecay.At(s.T)), Keep: T(r.Momentum), Fresh: 1, Mean: 1, Step: -T(lr)}
	for _, l := range r.layers {
		kernel.Scale(l.v, T(clip))
		n := l.weight.Len()
		copy(problem.View(s.D, l.weight), l.v)
		kernel.Momentum(problem.View(s.D, l.weight), l.m[:n], problem.View(s.X, l.weight), &rates)
		if l.biased {
			copy(problem.View(s.D, l.bias), l.v[n:])
			kernel.Momentum(problem.View(s.D, l.bias), l.m[n:], problem.View(s.X, l.bias), &rates)
		}
	}
	for _, rest := range r.rest {
		rest.Step(s)
	}
}

// observe moves the factors towards those of the step.
func (r *kfac[T]) observe(s *Step[T]) {
	f := s.F
	if r.Labels == "sampled" {
		var ok bool
		if f, ok = r.c.sampled(s); !ok {
			return
		}
	}
	k, ok := problem.As[problem.Kronecker[T]](f)
	if !ok {
		return
	}
	k.KroneckerFactors(r.as, r.gs, s.X)
	keep, fresh := T(r.StatDecay), T(1-r.StatDecay)
	for i, l := range r.layers {
		kernel.Axpby(keep, l.in.stat, fresh, r.as[r.index[i]])
		kernel.Axpby(keep, l.out.stat, fresh*r.share, r.gs[r.index[i]])
	}
}

// precondition sets the layer's v, which is laid out as weight, then bias, to what becomes
// of the gradient d, and returns their product.
func (r *kfac[T]) precondition(l *kroneckerLayer[T], d []T) float64 {
	out, in := l.out.n, l.in.n
	u, w := r.u[:out*in], r.w[:out*in]
	g := problem.View(d, l.weight)
	cols := len(g) / out
	for i := range out {
		copy(u[i*in:], g[i*cols:(i+1)*cols])
		if l.biased {
			u[i*in+cols] = d[l.bias.Off+i]
		}
	}
	product := func(dst, a []T, ars, acs int, b []T, brs, bcs, k int) {
		kernel.MatMul(&r.room, dst, in, a, ars, acs, b, brs, bcs, out, in, k, false)
	}
	product(w, l.out.vectors, 1, out, u, in, 1, out)
	product(u, w, in, 1, l.in.vectors, in, 1, in)
	damping := T(r.Damping)
	for i, c := range l.out.values {
		row := u[i*in:][:in]
		for j, a := range l.in.values {
			switch divisor := T(c*a) + damping; {
			case divisor != 0:
				row[j] /= divisor
			case row[j] == row[j]:
				row[j] = 0
			}
		}
	}
	product(w, l.out.vectors, out, 1, u, in, 1, out)
	product(u, w, in, 1, l.in.vectors, 1, in, in)
	along := 0.0
	for i := range out {
		v := l.v[i*cols:][:cols]
		copy(v, u[i*in:])
		along += kernel.Dot(v, g[i*cols:(i+1)*cols])
		if l.biased {
			l.v[out*cols+i] = u[i*in+cols]
			along += float64(u[i*in+cols]) * float64(d[l.bias.Off+i])
		}
	}
	return along
}

func (r *kfac[T]) Memory() []any {
	all := []any{&r.failed}
	for _, l := range r.layers {
		all = append(all, l.m, l.in.stat, l.in.values, l.in.vectors, l.out.stat, l.out.values, l.out.vectors)
	}
	return append(all, r.rest.Memory()...)
}

func (r *kfac[T]) Age(t int) (int, bool) { return (t - 1) % r.InvUpdateSteps, t > 0 }

func (r *kfac[T]) Warnings() []string {
	all := r.rest.Warnings()
	if r.failed > 0 {
		all = append(all, fmt.Sprintf("kfac: %d decompositions of factors failed; the older one was kept", r.failed))
	}
	return all
}

func (r *kfac[T]) Flops() float64 {
	sum := r.rest.Flops()
	for _, l := range r.layers {
		in, out := float64(l.in.n), float64(l.out.n)
		sum += 4*in*out*(in+out) + 10*in*out + 3*(in*in+out*out)/float64(r.FactorUpdateSteps)
		sum += 9 * (in*in*in + out*out*out) / float64(r.InvUpdateSteps)
	}
	return sum
}
