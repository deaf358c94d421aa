package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var prodigyDoc = Doc{
	Name:    "prodigy",
	Family:  "parameter-free",
	Summary: "Prodigy: Adam whose step size is an estimate d of the distance to the solution that grows while gradients point back at the start.",
	Equations: `c = sqrt(1-beta2^t)/(1-beta1^t) with use_bias_correction, else 1
rate = d*lr*c
n = beta3*n + (d/d0)*rate*<g, start-x>
s = beta3*s + (d/d0)*rate*g               (safeguard_warmup: (d/d0)*d*g)
m = beta1*m + (1-beta1)*d*g
v = beta2*v + (1-beta2)*d^2*g^2
e = d_coef*n/|s|_1,  top = max(top, e),  d = max(d, e) if it is still d0
d = min(top, growth_rate*d)
change = -rate*weight_decay*x - rate * m/(sqrt(v) + d*eps), with rate as it was`,
	Source: "Mishchenko & Defazio 2024, Prodigy: an expeditiously adaptive parameter-free learner, arXiv 2306.06101, the version for Adam",
	Notes: []string{
		"d, n, |s|_1 and the inner product are over all blocks together; within a split, over those of its part. d starts at d0.",
		"The step is taken with the rate before d has grown, eps is multiplied by d after, as in the authors' reference code.",
		"The first rise of d from d0 is not held to growth_rate, as in the authors' code.",
		"beta3=auto is sqrt(beta2). lr is a factor of the estimate: leave it at 1, or a schedule that starts there.",
		"In float32 start-x loses digits while d is tiny. With eps=0 a coordinate whose v is 0 does not move.",
		"While all gradients have been zero the authors' code skips the step; here decay still acts.",
	},
	Decay:       "apart from the gradient, times the rate; with decouple=false in the gradient",
	Epsilon:     "added to the root, times d",
	Correction:  "of the rate, for m and v, with use_bias_correction",
	Memory:      "4 values per parameter (start, s, m, v), d, top and n",
	Gradients:   1,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "prodigy(lr=1)",
}

type prodigySettings struct {
	LR                Schedule `arg:"lr" default:"1" valid:"(0,inf)" search:"0.1..10 log" help:"factor of the estimated step size"`
	Beta1             float64  `arg:"beta1" default:"0.9" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of gradients"`
	Beta2             float64  `arg:"beta2" default:"0.999" valid:"[0,1)" search:"0.9..0.9999" help:"memory of the mean of squares"`
	Beta3             Auto     `arg:"beta3" default:"auto" valid:"[0,1]" help:"memory of n and s; auto: sqrt(beta2)"`
	Eps               float64  `arg:"eps" default:"1e-8" valid:"[0,inf)" search:"1e-10..1e-4 log" help:"added to the root, times d"`
	WeightDecay       Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times the rate"`
	Decouple          bool     `arg:"decouple" default:"true" help:"keep decay out of the gradient"`
	UseBiasCorrection bool     `arg:"use_bias_correction" default:"false" help:"correct the rate for moments that start at zero"`
	SafeguardWarmup   bool     `arg:"safeguard_warmup" default:"false" help:"keep lr out of s, for long warm-ups"`
	D0                float64  `arg:"d0" default:"1e-6" valid:"(0,inf)" help:"first estimate d"`
	DCoef             float64  `arg:"d_coef" default:"1" valid:"(0,inf)" search:"0.1..10 log" help:"factor of the estimates after it"`
	GrowthRate        float64  `arg:"growth_rate" default:"inf" valid:"[1,inf]" help:"largest growth of d in a step"`
}

type prodigy[T problem.Float] struct {
	prodigySettings
	spans           []span
	start, s, m, v  []T
	room            []T
	d, top, product float64 // product is n
}

func newProdigy[T problem.Float](s *prodigySettings, c *Context[T]) (part[T], error) {
	r := &prodigy[T]{prodigySettings: *s, d: s.D0, top: s.D0}
	r.spans, r.start = gather(c.Start, c.Blocks)
	n := len(r.start)
	r.s, r.m, r.v = kernel.Vector[T](n), kernel.Vector[T](n), kernel.Vector[T](n)
	r.spans, r.room = pieces(r.spans, piece), make([]T, min(n, piece))
	return r, nil
}

func (r *prodigy[T]) Step(s *Step[T]) {
	beta3, decay := r.Beta3.or(math.Sqrt(r.Beta2)), r.WeightDecay.At(s.T)
	rate := r.d * r.LR.At(s.T)
	if r.UseBiasCorrection {
		t := float64(s.T)
		rate *= math.Sqrt(1-math.Pow(r.Beta2, t)) / (1 - math.Pow(r.Beta1, t))
	}
	taken := rate
	if r.SafeguardWarmup {
		taken = r.d
	}
	// In float64, since d is a quotient of sums with many cancellations. So is its growth
	// and with it the step: errors do not die out.
	fresh1, fresh2, fresh3 := (1-r.Beta1)*r.d, (1-r.Beta2)*r.d*r.d, r.d/r.D0*taken
	back, size := 0.0, 0.0
	for _, p := range r.spans {
		g, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		if !r.Decouple {
			kernel.Axpy(g, T(decay), x)
		}
		start, sum, m, v := r.start[p.at:][:len(g)], r.s[p.at:][:len(g)], r.m[p.at:][:len(g)], r.v[p.at:][:len(g)]
		u := r.room[:len(g)]
		kernel.Sub(u, start, x)
		back += kernel.Dot(g, u)
		kernel.Axpby(T(beta3), sum, T(fresh3), g)
		kernel.Abs(u, sum)
		size += kernel.Sum(u)
		kernel.Axpby(T(r.Beta1), m, T(fresh1), g)
		kernel.Mul(u, g, []T{T(math.Sqrt(fresh2))})
		kernel.Square(u, u)
		kernel.Axpby(T(r.Beta2), v, 1, u)
	}
	r.product = beta3*r.product + r.d/r.D0*rate*back
	r.estimate(size)
	apart := 0.0
	if r.Decouple {
		apart = rate * decay
	}
	divide := quotientRates[T](rate, 1, r.d*r.Eps, apart)
	for _, p := range r.spans {
		d, x := s.D[p.lo:p.hi], s.X[p.lo:p.hi]
		kernel.Adam(d, r.m[p.at:][:len(d)], r.v[p.at:][:len(d)], x, &divide)
	}
}

// estimate renews d from n and the length of s.
func (r *prodigy[T]) estimate(size float64) {
	if size == 0 {
		return
	}
	e := r.DCoef * r.product / size
	if r.d == r.D0 {
		r.d = max(r.d, e)
	}
	r.top = max(r.top, e)
	r.d = min(r.top, r.d*r.GrowthRate)
}

// Show gives d.
func (r *prodigy[T]) Show(name string) (float64, bool) { return r.d, name == "d" }

func (r *prodigy[T]) Memory() []any {
	return []any{r.start, r.s, r.m, r.v, &r.d, &r.top, &r.product}
}
func (r *prodigy[T]) Flops() float64 { return 22 * float64(len(r.s)) }
