package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var dadaptAdamDoc = Doc{
	Name:    "dadapt_adam",
	Family:  "parameter-free",
	Summary: "Adam with D-adaptation: its step size is a growing lower bound d of the distance to the solution.",
	Equations: `c = sqrt(1-beta2^t)/(1-beta1^t) with use_bias_correction, else 1
rate = d*lr*c,  r = sqrt(beta2)
n = r*n + (1-r)*rate*<g, s/(sqrt(v)+eps)>
m = beta1*m + (1-beta1)*rate*g
v = beta2*v + (1-beta2)*g^2
s = r*s + (1-r)*rate*g
d = max(d, min(n/((1-r)*|s|_1), growth_rate*d))
change = -rate*weight_decay*x - m/(sqrt(v)+eps)      (decay so with decouple, else weight_decay*x is part of g)`,
	Source: "Defazio & Mishchenko 2023, Learning-rate-free learning by D-adaptation, arXiv 2301.07733, Algorithm 5",
	Notes: []string{
		"d, n and |s|_1 are over all blocks together; within a split, over those of its part. d starts at d0.",
		"n is formed with s and v as they are before the step, as in the authors' code since its version 3; older versions and the first version of the paper form it of |g|^2 and |s|^2 in the norm of the new v.",
		"The rate is within m, so that past gradients keep the step size of their time. lr is a factor of the estimate: leave it at 1, or a schedule that starts there.",
		"With eps=0 a quotient by a v of 0 counts as 0.",
	},
	Decay:       "in the gradient; with decouple apart from it, times the rate",
	Epsilon:     "added to the uncorrected root",
	Correction:  "of the rate, for m and v, with use_bias_correction",
	Memory:      "3 values per parameter (s, m, v), d and n",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "dadapt_adam(lr=1)",
}

type dadaptAdamSettings struct {
	LR                Schedule `arg:"lr" default:"1" valid:"(0,inf)" search:"0.1..10 log" help:"factor of the estimated step size"`
	Beta1             float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2             float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Eps               float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root"`
	WeightDecay       Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"multiple of x added to the gradient, or share of x taken away"`
	Decouple          bool     `arg:"decouple" default:"false" help:"keep decay out of the gradient"`
	UseBiasCorrection bool     `arg:"use_bias_correction" default:"false" help:"correct the rate for moments that start at zero"`
	D0                float64  `arg:"d0" default:"1e-6" valid:"(0,inf)" help:"first estimate d"`
	GrowthRate        float64  `arg:"growth_rate" default:"inf" valid:"[1,inf]" help:"largest growth of d in a step"`
}

type dadaptAdam[T problem.Float] struct {
	dadaptAdamSettings
	spans      []span
	s, m, v    []T
	room       []T
	d, product float64 // product is n
}

func newDadaptAdam[T problem.Float](s *dadaptAdamSettings, c *Context[T]) (part[T], error) {
	list, n := spans(c.Blocks)
	return &dadaptAdam[T]{
		dadaptAdamSettings: *s, spans: pieces(list, piece), s: kernel.Vector[T](n), m: kernel.Vector[T](n), v: kernel.Vector[T](n), d: s.D0,
		room: make([]T, min(n, piece)),
	}, nil
}

func (r *dadaptAdam[T]) Step(s *Step[T]) {
	root, decay := math.Sqrt(r.Beta2), r.WeightDecay.At(s.T)
	rate := r.d * r.LR.At(s.T)
	if r.UseBiasCorrection {
		t := float64(s.T)
		rate *= math.Sqrt(1-math.Pow(r.Beta2, t)) / (1 - math.Pow(r.Beta1, t))
	}
	fresh1, fresh2, fresh3 := (1-r.Beta1)*rate, 1-r.Beta2, (1-root)*rate // in float64, as in prodigy
	product, size := 0.0, 0.0
	for _, p := range r.spans {
		g, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		if !r.Decouple {
			kernel.Axpy(g, T(decay), x)
		}
		sum, m, v := r.s[p.at:][:len(g)], r.m[p.at:][:len(g)], r.v[p.at:][:len(g)]
		u := r.room[:len(g)]
		kernel.Sqrt(u, v)
		kernel.Add(u, u, []T{T(r.Eps)})
		kernel.Quotient(u, sum, u)
		product += kernel.Dot(g, u)
		kernel.Axpby(T(r.Beta1), m, T(fresh1), g)
		kernel.Mul(u, g, []T{T(math.Sqrt(fresh2))})
		kernel.Square(u, u)
		kernel.Axpby(T(r.Beta2), v, 1, u)
		kernel.Axpby(T(root), sum, T(fresh3), g)
		kernel.Abs(u, sum)
		size += kernel.Sum(u)
	}
	r.product = root*r.product + (1-root)*rate*product
	if size != 0 {
		r.d = max(r.d, min(r.product/((1-root)*size), r.d*r.GrowthRate))
	}
	apart := 0.0
	if r.Decouple {
		apart = rate * decay
	}
	divide := quotientRates[T](1, 1, r.Eps, apart)
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		kernel.Adam(d, r.m[p.at:][:len(d)], r.v[p.at:][:len(d)], x, &divide)
	}
}

// Show gives d.
func (r *dadaptAdam[T]) Show(name string) (float64, bool) { return r.d, name == "d" }

func (r *dadaptAdam[T]) Memory() []any  { return []any{r.s, r.m, r.v, &r.d, &r.product} }
func (r *dadaptAdam[T]) Flops() float64 { return 22 * float64(len(r.s)) }
