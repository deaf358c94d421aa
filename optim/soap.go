package optim

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
)

var soapDoc = Doc{
	Name:    "soap",
	Family:  "matrix",
	Summary: "Adam in the coordinates of Shampoo's eigenvectors, which follow slowly.",
	Equations: `t = 1: d = 0.  L_i = (1-shampoo_beta)*G_(i) G_(i)', Q_i = its eigenvectors, largest first
then, with n = t-1:
r = g x_1 Q_1' ... x_k Q_k'
m = beta1*m + (1-beta1)*r
v = beta2*v + (1-beta2)*r^2
s = lr * sqrt(1-beta2^n)/(1-beta1^n)                 (correct_bias=false: lr)
d = -lr*weight_decay*x - (1-lr*weight_decay)*s * (m/(sqrt(v) + eps)) x_1 Q_1 ... x_k Q_k
L_i = shampoo_beta*L_i + (1-shampoo_beta)*G_(i) G_(i)'
when precondition_frequency divides n: the columns of Q_i, and v alike, in the order of diag(Q_i' L_i Q_i), largest first;
                                       Q_i = Q of the QR decomposition of L_i Q_i; m is turned to the new coordinates`,
	Source: "Vyas et al. 2024, SOAP: improving and stabilizing Shampoo using Adam, arXiv 2409.11321, Algorithms 3 and 4",
	Notes: []string{
		"Conventions are those of nikhilvyas/SOAP: the first step is skipped for all blocks, so that no gradient is seen in its own eigenvectors; eps is added to the uncorrected root; decay acts on x after the step; bases are renewed after it; the L_i are not corrected for their start.",
		"Blocks of fewer than two dimensions have Adam without bases (precondition_1d=false there). A dimension longer than max_dim is not turned. Dimensions are never merged.",
		"G_(i) is the gradient with dimension i as rows and all others as columns, x_i the product along dimension i. The sign of an eigenvector does not matter. Where the first gradient leaves eigenvectors free, as for the longer side of a matrix, they are what Gram-Schmidt makes of the coordinate axes; other programs choose otherwise, and then go another way.",
		"With gradients of full rank in every dimension it is invariant under the scale of the loss and under rotations. Not so where the second gradient lies in the span of the first: the other coordinates are rounding, which Adam blows up to full steps unless it is below eps.",
		"If a decomposition fails the old Q_i is kept, and a warning says how often.",
	},
	Blocks:     "blocks of two and more dimensions have bases, for each dimension up to max_dim; the others are plain Adam",
	Decay:      "apart from the gradient, times lr, on x after the step",
	Epsilon:    "added to the uncorrected root",
	Correction: "m and v, by a factor of the step; the factors not",
	Memory:     "2 values per parameter (m, v), and 2 n^2 (L_i, Q_i) for each dimension of length n of blocks with bases",
	Gradients:  1,
	Example:    "soap(lr=0.01)",
}

type soapSettings struct {
	LR          Schedule `arg:"lr" default:"3e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.95" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.95" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	ShampooBeta float64  `arg:"shampoo_beta" default:"-1" valid:"[-1,1)" help:"memory of the covariances; below 0: beta2"`
	Eps         float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0.01" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
	Frequency   int      `arg:"precondition_frequency" default:"10" valid:"[1,inf)" help:"steps between renewals of the bases"`
	CorrectBias bool     `arg:"correct_bias" default:"true" help:"correct m and v for their start at zero"`
	MaxDim      int      `arg:"max_dim" default:"10000" valid:"[1,inf)" help:"longest dimension with a basis"`
}

type soap[T problem.Float] struct {
	soapSettings
	blocks  []problem.Block
	bases   [][]*mode[T] // per block; root is Q
	m, v    []T
	u, w    []T // room for the longest block
	a, b    []T // for the longest dimension
	order   []int
	gains   []float64
	scratch kernel.Scratch[T]
	room    linop.Room[T]
	first   workshop
}

func newSOAP[T problem.Float](s *soapSettings, c *Context[T]) (part[T], error) {
	r := &soap[T]{soapSettings: *s, blocks: c.Blocks}
	if r.ShampooBeta < 0 {
		r.ShampooBeta = r.Beta2
	}
	n, longest, widest := 0, 0, 0
	for _, b := range c.Blocks {
		var bases []*mode[T]
		if len(b.Shape) >= 2 {
			for _, f := range newModes[T](b, s.MaxDim) {
				if f.full {
					bases, widest = append(bases, f), max(widest, f.n)
				}
			}
		}
		r.bases = append(r.bases, bases)
		n, longest = n+b.Len(), max(longest, b.Len())
	}
	r.m, r.v = kernel.Vector[T](n), kernel.Vector[T](n)
	r.u, r.w = make([]T, longest), make([]T, longest)
	r.a, r.b = make([]T, widest*widest), make([]T, widest*widest)
	r.order, r.gains = make([]int, widest), make([]float64, widest)
	r.scratch.Use(c.Crew)
	r.room.Use(c.Crew)
	r.first.use(c.Crew)
	return r, nil
}

func (r *soap[T]) Step(s *Step[T]) {
	at := 0
	rates := momentRates[T](r.Beta1, r.Beta2, r.Eps)
	for k, b := range r.blocks {
		x, d, bases := problem.View(s.X, b), problem.View(s.D, b), r.bases[k]
		m, v := r.m[at:][:len(d)], r.v[at:][:len(d)]
		at += len(d)
		for _, f := range bases {
			f.observe(&r.scratch, d, T(r.ShampooBeta))
		}
		if s.T == 1 {
			for _, f := range bases {
				f.eigenbasis(&r.first)
			}
			kernel.Scale(d, 0)
			continue
		}
		n := s.T - 1
		lr := r.LR.At(s.T)
		decay, step := lr*r.WeightDecay.At(s.T), lr
		if r.CorrectBias {
			step *= math.Sqrt(1-math.Pow(r.Beta2, float64(n))) / (1 - math.Pow(r.Beta1, float64(n)))
		}
		copy(r.u, d)
		u := r.turn(bases, len(d), false)
		kernel.Adam(u, m, v, x, &rates)
		copy(d, r.turn(bases, len(d), true))
		kernel.Axpby(-T((1-decay)*step), d, -T(decay), x)
		if n%r.Frequency == 0 && len(bases) > 0 {
			copy(r.u, m)
			r.turn(bases, len(d), true)
			for _, f := range bases {
				r.renew(f, v) // leaves r.u alone
			}
			copy(m, r.turn(bases, len(d), false))
		}
	}
}

// turn puts what r.u begins with into the coordinates of the bases, or back, and leaves
// it there.
func (r *soap[T]) turn(bases []*mode[T], n int, back bool) []T {
	for _, f := range bases {
		f.turn(&r.scratch, r.w[:n], r.u[:n], back)
		r.u, r.w = r.w, r.u
	}
	return r.u[:n]
}

// turn sets dst to src with coordinates along the dimension that belong to the columns
// of root, or from these back to the usual ones.
func (f *mode[T]) turn(s *kernel.Scratch[T], dst, src []T, back bool) {
	n, post := f.n, f.post
	rs, cs := 1, n // of the matrix that columns are multiplied by
	if back {
		rs, cs = n, 1
	}
	if post == 1 {
		kernel.MatMul(s, dst, n, src, n, 1, f.root, cs, rs, f.pre, n, n, false)
		return
	}
	for i := range f.pre {
		at := i * n * post
		kernel.MatMul(s, dst[at:], post, f.root, rs, cs, src[at:], post, 1, n, post, n, false)
	}
}

// eigenbasis makes root the eigenvectors of stat, those of the largest values first. In
// place of those that belong to zero come the coordinate axes, made orthogonal.
func (f *mode[T]) eigenbasis(w *workshop) {
	n := f.n
	w.fit(n)
	for i, v := range f.stat {
		w.wide[i] = float64(v)
	}
	if err := w.SymEig(w.values, w.vectors, w.wide, n); err != nil {
		f.failed++
		return
	}
	rounding := 0x1p-52
	if _, narrow := any(T(0)).(float32); narrow {
		rounding = 0x1p-23
	}
	least := 16 * float64(n) * rounding * w.values[n-1]
	for j := range n {
		from := n - 1 - j
		zero := w.values[from] <= least
		for i := range n {
			w.wide[i*n+j] = w.vectors[i*n+from]
			if zero {
				w.wide[i*n+j] = 0
			}
		}
		if zero {
			w.wide[from*n+j] = 1
		}
	}
	if err := w.room.QR(w.wide, nil, w.wide, n, n); err != nil {
		f.failed++
		return
	}
	for i, v := range w.wide {
		f.root[i] = T(v)
	}
}

// renew makes one step of power iteration with the basis of a dimension, and sorts v
// with it.
func (r *soap[T]) renew(f *mode[T], v []T) {
	n := f.n
	a, b, order, gains := r.a[:n*n], r.b[:n*n], r.order[:n], r.gains[:n]
	copy(a, f.stat)
	kernel.Mirror(a, n, n)
	kernel.MatMul(&r.scratch, b, n, a, n, 1, f.root, n, 1, n, n, n, false)
	clear(gains)
	for i := range n {
		for j, q := range f.root[i*n:][:n] {
			gains[j] += float64(q) * float64(b[i*n+j])
		}
	}
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(gains[j], gains[i]) })
	permute(a, b, order, 1)
	if err := r.room.QR(f.root, nil, a, n, n); err != nil {
		f.failed++
		return
	}
	copy(r.w, v)
	permute(v, r.w[:len(v)], order, f.post)
}

// permute sets dst to src, of which index order[j] of a dimension becomes index j, with
// post entries for each.
func permute[T problem.Float](dst, src []T, order []int, post int) {
	n := len(order)
	for at := 0; at < len(dst); at += n * post {
		for j, from := range order {
			copy(dst[at+j*post:][:post], src[at+from*post:][:post])
		}
	}
}

func (r *soap[T]) Memory() []any {
	all := []any{r.m, r.v}
	for _, bases := range r.bases {
		for _, f := range bases {
			all = append(all, f.stat, f.root, &f.failed)
		}
	}
	return all
}

func (r *soap[T]) Age(t int) (int, bool) { return 1 + (t-2)%r.Frequency, t > 1 }

func (r *soap[T]) Warnings() []string {
	var all []string
	for i, bases := range r.bases {
		for _, f := range bases {
			if f.failed > 0 {
				all = append(all, fmt.Sprintf("soap: %d renewals of a basis of length %d of %s failed; the older basis was kept", f.failed, f.n, r.blocks[i].Name))
			}
		}
	}
	return all
}

// Flops counts a product of matrices 2 n^3, a QR decomposition with Q 8/3 n^3.
func (r *soap[T]) Flops() float64 {
	sum := 14 * float64(len(r.m))
	for k, b := range r.blocks {
		for _, f := range r.bases[k] {
			n := float64(f.n)
			sum += 5*n*float64(b.Len()) + n*n + (14./3*n*n*n+4*n*float64(b.Len()))/float64(r.Frequency)
		}
	}
	return sum
}
