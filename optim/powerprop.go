package optim

import (
	"errors"
	"math"

	"basin/kernel"
	"basin/problem"
)

var powerpropDoc = Doc{
	Name:    "powerprop",
	Family:  "reparametrised",
	Summary: "Powerpropagation: base trains theta, of which the weights are a power, so that small weights change little and stay small.",
	Equations: `theta = sign(x)*|x|^(1/alpha),   g = alpha*|theta|^(alpha-1) * g
theta = theta + base with g at theta
d = theta*|theta|^(alpha-1) - x`,
	Source: "Schwarz, Jayakumar, Pascanu, Latham & Teh 2021, Powerpropagation: a sparsity inducing weight reparameterisation, arXiv 2110.00296, Equation 1",
	Notes: []string{
		"theta is found from x at every step, so that what changes x besides is taken into account. Decay, clipping and moments of base are those of theta.",
		"A weight of zero has no gradient and stays zero. alpha=1 is base itself.",
		"It acts on weights of two or more dimensions and on embeddings, as the paper; others go to base as they are. blocks=all takes all blocks.",
	},
	Blocks:      "weights of two or more dimensions and embeddings; blocks=all: all",
	EndsAt:      "a minimum, or where weights are zero, which they do not leave",
	Memory:      "that of base",
	Gradients:   1,
	Invariances: []Invariance{SignedPermutation},
	Example:     "powerprop(alpha=2, base=sgd(lr=0.5))",
}

type powerBlocks string

type powerpropSettings struct {
	Alpha  float64     `arg:"alpha" default:"2" valid:"[1,inf)" search:"1..4" help:"power of theta that a weight is"`
	Base   Rule        `arg:"base" default:"sgd(lr=0.1)" help:"rule that trains theta"`
	Blocks powerBlocks `arg:"blocks" default:"weights" choices:"weights|all" help:"blocks that are powers"`
}

func (s *powerpropSettings) check() error {
	if s.Base.o.averages() {
		return errors.New("base answers with an average of theta, which is not one of x; put powerprop into the base of the average")
	}
	return nil
}

type powerprop[T problem.Float] struct {
	powerpropSettings
	powers []problem.Block
	theta  []T // the whole point, blocks that are no powers as they are
	seen   powered[T]
	inner  Step[T]
	base   part[T]
}

func newPowerprop[T problem.Float](s *powerpropSettings, c *Context[T]) (part[T], error) {
	r := &powerprop[T]{powerpropSettings: *s, theta: kernel.Vector[T](c.Layout.N)}
	start := kernel.Vector[T](c.Layout.N)
	copy(start, c.Start)
	for _, b := range c.Blocks {
		if s.Blocks == "all" || isMatrix(b) || b.Role == problem.Embedding {
			r.powers = append(r.powers, b)
			powerRoot(problem.View(start, b), problem.View(c.Start, b), s.Alpha)
		}
	}
	n := c.Layout.N
	r.seen = powered[T]{alpha: s.Alpha, powers: r.powers, x: kernel.Vector[T](n), v: kernel.Vector[T](n), g: kernel.Vector[T](n)}
	inner := *c
	inner.Start = start
	var err error
	r.base, err = build(s.Base.o, &inner)
	return r, err
}

func (r *powerprop[T]) Step(s *Step[T]) {
	copy(r.theta, s.X)
	for _, b := range r.powers {
		theta, d := problem.View(r.theta, b), problem.View(s.D, b)
		powerRoot(theta, problem.View(s.X, b), r.Alpha)
		for i, g := range d {
			d[i] = T(r.Alpha*power(math.Abs(float64(theta[i])), r.Alpha-1)) * g
		}
	}
	r.seen.f = s.F
	r.inner = Step[T]{T: s.T, X: r.theta, D: s.D, Loss: s.Loss, F: &r.seen}
	r.base.Step(&r.inner)
	for _, b := range r.powers {
		x, d, theta := problem.View(s.X, b), problem.View(s.D, b), problem.View(r.theta, b)
		for i, v := range d {
			next := float64(theta[i]) + float64(v)
			d[i] = T(next*power(math.Abs(next), r.Alpha-1)) - x[i]
		}
	}
}

// powered is an objective f as a function of theta. It has products with matrices,
// and no other ability of f.
type powered[T problem.Float] struct {
	f       problem.Objective[T]
	alpha   float64
	powers  []problem.Block
	x, v, g []T // room
}

func (p *powered[T]) Layout() *problem.Layout { return p.f.Layout() }

// weights are those of theta, valid until the next call.
func (p *powered[T]) weights(theta []T) []T {
	copy(p.x, theta)
	for _, b := range p.powers {
		for i, v := range problem.View(theta, b) {
			p.x[b.Off+i] = v * T(power(math.Abs(float64(v)), p.alpha-1))
		}
	}
	return p.x
}

// slope multiplies v by the derivative of the weights.
func (p *powered[T]) slope(v, theta []T) {
	for _, b := range p.powers {
		for i, e := range problem.View(theta, b) {
			v[b.Off+i] *= T(p.alpha * power(math.Abs(float64(e)), p.alpha-1))
		}
	}
}

func (p *powered[T]) Loss(theta []T) float64 { return p.f.Loss(p.weights(theta)) }

func (p *powered[T]) Grad(dst, theta []T) float64 {
	loss := p.f.Grad(dst, p.weights(theta))
	p.slope(dst, theta)
	return loss
}

// MulVec multiplies by the slopes on both sides; the Hessian has a part of the second
// derivatives of the weights besides.
func (p *powered[T]) MulVec(m problem.Matrix, dst, theta, v []T) bool {
	copy(p.v, v)
	p.slope(p.v, theta)
	if !p.f.MulVec(m, dst, p.weights(theta), p.v) {
		return false
	}
	p.slope(dst, theta)
	if m != problem.Hessian || p.alpha == 1 {
		return true
	}
	p.f.Grad(p.g, p.x)
	for _, b := range p.powers {
		for i, e := range problem.View(theta, b) {
			if e == 0 {
				continue // at alpha=2 the derivative jumps here, and the weight stays
			}
			bend := p.alpha * (p.alpha - 1) * power(math.Abs(float64(e)), p.alpha-2)
			dst[b.Off+i] += T(math.Copysign(bend, float64(e))) * p.g[b.Off+i] * v[b.Off+i]
		}
	}
	return true
}

// EndPhase hands a rule within base the phase as a function of theta.
func (r *powerprop[T]) EndPhase(x []T, batch func(i int) problem.Objective[T]) {
	e, ok := As[PhaseEnder[T]](Stepper[T](r.base))
	if !ok {
		return
	}
	copy(r.theta, x)
	for _, b := range r.powers {
		powerRoot(problem.View(r.theta, b), problem.View(x, b), r.Alpha)
	}
	e.EndPhase(r.theta, func(i int) problem.Objective[T] {
		r.seen.f = batch(i)
		return &r.seen
	})
}

// powerRoot sets theta = sign(x)*|x|^(1/alpha).
func powerRoot[T problem.Float](theta, x []T, alpha float64) {
	for i, v := range x {
		theta[i] = T(math.Copysign(power(math.Abs(float64(v)), 1/alpha), float64(v)))
	}
}

// power is math.Pow for x >= 0, faster for the usual exponents.
func power(x, p float64) float64 {
	switch p {
	case 0:
		return 1
	case 0.5:
		return math.Sqrt(x)
	case 1:
		return x
	}
	return math.Pow(x, p)
}

func (r *powerprop[T]) Memory() []any      { return r.base.Memory() }
func (r *powerprop[T]) Unwrap() Stepper[T] { return r.base }

func (r *powerprop[T]) Flops() float64 {
	sum := 0.0
	for _, b := range r.powers {
		sum += 12 * float64(b.Len())
	}
	if c, ok := As[Coster](Stepper[T](r.base)); ok {
		sum += c.Flops()
	}
	return sum
}
