package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var adanDoc = Doc{
	Name:    "adan",
	Family:  "adaptive",
	Summary: "Adam with Nesterov momentum by means of gradients, of their differences, and of the squares of what they foretell.",
	Equations: `g = g * min(1, max_grad_norm/(|g| + eps))         (max_grad_norm=0: no)
m = beta1*m + (1-beta1)*g
n = beta2*n + (1-beta2)*(g - q)                   (q = g at t = 1)
v = beta3*v + (1-beta3)*(g + beta2*(g - q))^2,  q = g
u = (m/(1-beta1^t) + beta2*n/(1-beta2^t)) / (sqrt(v/(1-beta3^t)) + eps)
d = (-lr*u - lr*weight_decay*x) / (1 + lr*weight_decay)
d = -lr*u - lr*weight_decay*x                     (no_prox)`,
	Source: "Xie et al. 2022, Adan: adaptive Nesterov momentum algorithm for faster optimizing deep models, arXiv 2208.06677, Algorithm 1",
	Notes: []string{
		"The betas say how much is kept, as in the authors' code; those of the paper are 1 - beta.",
		"Decay is a proximal step: the new point is divided by 1 + lr*weight_decay. no_prox=true multiplies the old one by 1 - lr*weight_decay instead.",
		"The norm is Euclidean over all blocks together.",
	},
	Clipping:    "the gradient, at a norm of max_grad_norm over all blocks together; by default not at all",
	Decay:       "apart from the gradient, times lr: on the new point, or with no_prox on the old one",
	Epsilon:     "added to the corrected root, and to the norm",
	Correction:  "m, n and v",
	Memory:      "4 values per parameter (m, n, v, q)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "adan(lr=1e-3)",
}

type adanSettings struct {
	LR          Schedule `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1e-1 log" help:"step size"`
	Beta1       float64  `arg:"beta1" default:"0.98" valid:"[0,1)" search:"0.9..0.999" help:"memory of the mean of gradients"`
	Beta2       float64  `arg:"beta2" default:"0.92" valid:"[0,1)" search:"0.5..0.99" help:"memory of the mean of differences, and their share"`
	Beta3       float64  `arg:"beta3" default:"0.99" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps         float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
	MaxGradNorm float64  `arg:"max_grad_norm" default:"0" valid:"[0,inf]" help:"largest norm of the gradient; 0: any"`
	NoProx      bool     `arg:"no_prox" default:"false" help:"decay the old point instead of the new one"`
}

type adan[T problem.Float] struct {
	adanSettings
	whole, spans []span
	m, n, v, q   []T
	mean, change []T
}

func newAdan[T problem.Float](s *adanSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &adan[T]{
		adanSettings: *s, whole: list, spans: pieces(list, piece),
		m: kernel.Vector[T](n), n: kernel.Vector[T](n), v: kernel.Vector[T](n), q: kernel.Vector[T](n),
		mean: make([]T, min(n, piece)), change: make([]T, min(n, piece)),
	}, nil
}

func (r *adan[T]) Step(s *Step[T]) {
	t, lr := float64(s.T), r.LR.At(s.T)
	first := meanRates[T](r.Beta1, 1/(1-math.Pow(r.Beta1, t)))
	change := meanRates[T](r.Beta2, r.Beta2/(1-math.Pow(r.Beta2, t)))
	shrink := lr * r.WeightDecay.At(s.T)
	divide := kernel.AdamRates[T]{
		Beta1: 1, Beta2: T(r.Beta3), Rest2: T(1 - r.Beta3), Step: T(lr),
		Root: T(1 / math.Sqrt(1-math.Pow(r.Beta3, t))), Eps: T(r.Eps), Apart: T(shrink),
	}
	clip := 1.0
	if r.MaxGradNorm > 0 {
		if length := norm(s.D, r.whole) + r.Eps; length > r.MaxGradNorm {
			clip = r.MaxGradNorm / length
		}
	}
	for _, p := range r.spans {
		d, x, q := s.D[p.lo:p.hi], s.X[p.lo:p.hi], r.q[p.at:][:p.hi-p.lo]
		if clip != 1 {
			kernel.Scale(d, T(clip))
		}
		if s.T == 1 {
			copy(q, d)
		}
		u, w := r.mean[:len(d)], r.change[:len(d)]
		mean(u, r.m[p.at:][:len(d)], d, x, &first)
		kernel.Sub(w, d, q)
		copy(q, d)
		kernel.Axpy(d, T(r.Beta2), w)
		kernel.Momentum(w, r.n[p.at:][:len(d)], x, &change)
		kernel.Add(u, u, w)
		kernel.Adam(d, u, r.v[p.at:][:len(d)], x, &divide)
		if !r.NoProx {
			kernel.Scale(d, T(1/(1+shrink)))
		}
	}
}

func (r *adan[T]) Memory() []any  { return []any{r.m, r.n, r.v, r.q} }
func (r *adan[T]) Flops() float64 { return 26 * float64(len(r.m)) }
