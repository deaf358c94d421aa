package optim

import (
	"math"
	"math/bits"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
)

var shampooDoc = Doc{
	Name:    "shampoo",
	Family:  "matrix",
	Summary: "Every dimension of a block is preconditioned by an inverse root of the covariance of the gradient along it.",
	Equations: `m = beta1*m + (1-beta1)*g
L_i = beta2*L_i + G_(i) G_(i)'             for each of the k dimensions of a block of N entries
H_i = w L_i + (eps + ridge*max eig(w L_i)) I,  w = 1 (beta2=1) or (1-beta2)/(1-beta2^t)
P_i = H_i^(-exponent/k)                    renewed when t is a power of two or a multiple of interval
u = m/(1-beta1^t) x_1 P_1 ... x_k P_k
d = -lr*weight_decay*x - lr*u * min(1, clip*N^(1/(2k))/|u|)`,
	Source: "Gupta, Koren & Singer 2018, Shampoo: preconditioned stochastic tensor optimization, arXiv 1802.09568, Algorithms 1 and 2; mean instead of sum, beta1 and bias correction: Shi et al. 2023, arXiv 2309.06497",
	Notes: []string{
		"G_(i) is the gradient with dimension i as rows and all others as columns, x_i the product along dimension i: L^(-1/4) G R^(-1/4) for a matrix, H^(-1/2) g for a vector.",
		"beta1=0, beta2=1, ridge=0, interval=1, clip=inf is the paper's algorithm, whose L_i start at eps I. The defaults are those that train without tuning; there is no grafting.",
		"exponent=0.5 stands for AdaGrad's root, shared out among the dimensions as in the paper; jettify's and kozistr's codes have exponent=1, and accumulate the second factor from a gradient already preconditioned.",
		"P_i is at most min(t/2, interval) steps old. A gradient along directions that it has not seen would come out up to ridge^(-exponent) too long; clip=1 is the most that fresh P_i with beta2=1 can make of it (by the paper's inequality between g g' and the product of the L_i^(1/k)), and what white noise comes to.",
		"A dimension longer than max_dim keeps only the diagonal of its L_i, renewed at every step. If an eigendecomposition fails the old P_i is kept, and a warning says how often.",
	},
	Blocks:      "every dimension of a block has a factor, dimensions longer than max_dim a diagonal one",
	Clipping:    "the change of a block, at clip*N^(1/(2k)) times lr",
	Decay:       "apart from the gradient, times lr",
	Epsilon:     "added to the eigenvalues of the factors",
	Correction:  "m, and the factors if beta2 is below 1",
	Memory:      "1 value per parameter (m), none if beta1=0, and 2 n^2 (L_i, P_i) for each dimension of length n up to max_dim, 2 n above",
	Gradients:   1,
	Invariances: []Invariance{LossScale, Rotation},
	Example:     "shampoo(lr=0.02, interval=20)",
}

type shampooSettings struct {
	LR          Schedule `arg:"lr" default:"0.02" valid:"(0,inf)" search:"1e-4..1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.999" valid:"(0,1]" search:"0.9..0.9999" help:"memory of the covariances; 1: their sum"`
	Eps         float64  `arg:"eps" default:"0" valid:"[0,inf)" help:"added to every eigenvalue"`
	Ridge       float64  `arg:"ridge" default:"1e-6" valid:"[0,inf)" search:"1e-8..1e-2 log" help:"share of the largest eigenvalue added to every one"`
	Exponent    float64  `arg:"exponent" default:"0.5" valid:"[0,1]" help:"power of the preconditioner, all dimensions together"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
	Clip        float64  `arg:"clip" default:"1" valid:"(0,inf]" help:"longest change of a block over lr, in units of N^(1/(2k))"`
	Interval    int      `arg:"interval" default:"100" valid:"[1,inf)" help:"most steps between renewals of the roots"`
	MaxDim      int      `arg:"max_dim" default:"1024" valid:"[1,inf)" help:"longest dimension with a full matrix"`
}

type shampoo[T problem.Float] struct {
	shampooSettings
	blocks  []problem.Block
	m       []T
	modes   [][]*mode[T] // per block, one for each dimension
	u, w    []T          // room for the longest block
	scratch kernel.Scratch[T]
	roots   linop.Spectral[T]
}

func newShampoo[T problem.Float](s *shampooSettings, c *Context[T]) (part[T], error) {
	r := &shampoo[T]{shampooSettings: *s, blocks: c.Blocks}
	n, longest := 0, 0
	for _, b := range c.Blocks {
		r.modes = append(r.modes, newModes[T](b, s.MaxDim))
		n, longest = n+b.Len(), max(longest, b.Len())
	}
	if s.Beta1 != 0 {
		r.m = kernel.Vector[T](n)
	}
	r.u, r.w = make([]T, longest), make([]T, longest)
	r.scratch.Use(c.Crew)
	r.roots.Use(c.Crew)
	return r, nil
}

func (r *shampoo[T]) Step(s *Step[T]) {
	lr, t := r.LR.At(s.T), float64(s.T)
	decay := T(lr * r.WeightDecay.At(s.T))
	beta1, fresh := T(r.Beta1), T(1-r.Beta1)
	correct := 1 / (1 - math.Pow(r.Beta1, t))
	weight := 1.0
	if r.Beta2 < 1 {
		weight = (1 - r.Beta2) / (1 - math.Pow(r.Beta2, t))
	}
	renew := bits.OnesCount(uint(s.T)) == 1 || s.T%r.Interval == 0
	at := 0
	for i, b := range r.blocks {
		x, d := problem.View(s.X, b), problem.View(s.D, b)
		u, modes := r.w[:len(d)], r.modes[i]
		if r.m == nil {
			copy(u, d)
		} else {
			u = r.m[at:][:len(d)]
			kernel.Axpby(beta1, u, fresh, d)
		}
		for _, f := range modes {
			f.observe(&r.scratch, d, T(r.Beta2))
			if renew || !f.full {
				f.renew(&r.roots, weight, r.Eps, r.Ridge, r.Exponent/float64(len(modes)))
			}
		}
		for k, f := range modes {
			to := [...][]T{r.u, r.w}[k%2][:len(d)]
			if k == len(modes)-1 {
				to = d
			}
			f.apply(&r.scratch, to, u)
			u = to
		}
		step := lr * correct
		if most, length := r.Clip*math.Pow(float64(len(d)), 0.5/float64(len(modes))), correct*kernel.Norm2(d); length > most {
			step *= most / length
		}
		kernel.Scale(d, -T(step))
		if decay != 0 {
			kernel.Axpy(d, -decay, x)
		}
		at += len(d)
	}
}

func (r *shampoo[T]) Memory() []any {
	all := []any{r.m}
	for _, modes := range r.modes {
		for _, f := range modes {
			all = append(all, f.stat, f.root, &f.failed)
		}
	}
	return all
}

func (r *shampoo[T]) Age(t int) (int, bool) {
	return t - max(1<<(bits.Len(uint(t))-1), t-t%r.Interval), t > 0
}

func (r *shampoo[T]) Warnings() []string {
	var all []string
	for i, modes := range r.modes {
		all = append(all, failures("shampoo", r.blocks[i], modes)...)
	}
	return all
}

func (r *shampoo[T]) Flops() float64 {
	sum := 0.0
	for i, b := range r.blocks {
		sum += 8 * float64(b.Len())
		for _, f := range r.modes[i] {
			sum += f.flops(b.Len(), r.Interval)
		}
	}
	return sum
}
