package optim

import (
	"errors"
	"fmt"
	"math"

	"basin/kernel"
	"basin/problem"
)

const (
	newtonEquations = `y = warm * y / |g|, solved by at most steps conjugate gradients, from what it was:
    (M + damping I) y = g / |g|,  M = %s of the step's batch at x
d = -lr*weight_decay*x - lr * |g| * y
adapt:  q = (f(x+d) - f(x)) / (g'd + d'M d/2)
        damping = damping*2/3 if q > 3/4, damping*3/2 if q < 1/4;  d = 0 if f(x+d) > f(x)`
	newtonMemory = "1 value per parameter (y) if warm is not 0, and damping"
)

// newtonNotes are those of all rules that solve for a direction.
var newtonNotes = []string{
	"M is known by its products alone, one for each conjugate gradient and one more where it starts from something. They stop early once the residual is tol times as long as g, at a direction without positive curvature, whose answer is the last iterate or g itself.",
	"In split, M is that of the rule's own blocks. damping is added to the eigenvalues of M, whatever their size; adapt moves it as Levenberg and Marquardt do (Martens 2010, section 4.1), for one more loss per step, and makes no step that raises the loss of its own batch; it does nothing where the model tells a change of less than 1e-7 of the loss. On small batches, which the model fits better than the function, it makes damping too small.",
	"warm is what Martens (2010, section 4.8) keeps of the last solution as a start, in units of the gradient's length.",
	"An objective without the matrix is refused. Should only a later batch lack it, the change is NaN, which ends a run.",
}

var naturalDoc = Doc{
	Name:      "natural",
	Family:    "curvature",
	Summary:   "Natural gradient: the gradient divided by the Fisher matrix, by conjugate gradients.",
	Equations: fmt.Sprintf(newtonEquations, "the Fisher matrix (matrix=empirical: the empirical one)"),
	Source:    "Amari 1998, Natural gradient works efficiently in learning, Neural Computation 10; by conjugate gradients: Martens 2010, Deep learning via Hessian-free optimization; Pascanu & Bengio 2014, arXiv 1301.3584",
	Notes: append([]string{
		"For softmax cross-entropy, logistic and squared loss the Fisher matrix is Gauss-Newton's, and the rule is gauss_newton. matrix=empirical divides by the outer products of gradients at the true labels instead, on which see Kunstner, Balles & Hennig 2019, arXiv 1905.12558.",
	}, newtonNotes...),
	Decay:       "apart from the gradient, times lr",
	Memory:      newtonMemory,
	Gradients:   1,
	Products:    10,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "natural(lr=0.3, steps=3)",
}

var gaussNewtonDoc = Doc{
	Name:        "gauss_newton",
	Family:      "curvature",
	Summary:     "The gradient divided by the Gauss-Newton matrix, by conjugate gradients: Hessian-free optimization.",
	Equations:   fmt.Sprintf(newtonEquations, "the Gauss-Newton matrix"),
	Source:      "Schraudolph 2002, Fast curvature matrix-vector products for second-order gradient descent, Neural Computation 14; Martens 2010, Deep learning via Hessian-free optimization",
	Notes:       newtonNotes,
	Decay:       "apart from the gradient, times lr",
	Memory:      newtonMemory,
	Gradients:   1,
	Products:    10,
	Invariances: []Invariance{LossScale, Rotation, SignedPermutation},
	Example:     "gauss_newton(lr=0.3, steps=3)",
}

var newtonDoc = Doc{
	Name:      "newton_cg",
	Family:    "curvature",
	Summary:   "The gradient divided by the Hessian, by conjugate gradients that stop where it is not positive.",
	Equations: fmt.Sprintf(newtonEquations, "the Hessian"),
	Source:    "Dembo & Steihaug 1983, Truncated-Newton algorithms for large-scale unconstrained optimization, Mathematical Programming 26; Nocedal & Wright 2006, Algorithm 7.1, without its line search",
	Notes: append([]string{
		"Without a line search nothing holds it back where curvature is small or a saddle attracts it: damping has to be above the size of the most negative eigenvalue, or adapt on.",
	}, newtonNotes...),
	Decay:       "apart from the gradient, times lr",
	Memory:      newtonMemory,
	Gradients:   1,
	Products:    10,
	Invariances: []Invariance{LossScale, Rotation, SignedPermutation},
	Example:     "newton_cg(lr=0.3, steps=3, damping=10)",
}

type newtonSettings struct {
	LR          Schedule `arg:"lr" default:"1" valid:"(0,inf)" search:"1e-3..1 log" help:"share of the way that is gone"`
	Damping     float64  `arg:"damping" default:"1" valid:"[0,inf)" search:"1e-4..10 log" help:"added to the eigenvalues"`
	Steps       int      `arg:"steps" default:"10" valid:"[1,inf)" search:"1..100 log" help:"most conjugate gradients"`
	Tol         float64  `arg:"tol" default:"1e-3" valid:"[0,1)" help:"residual, over the gradient's length, that will do"`
	Warm        float64  `arg:"warm" default:"0" valid:"[0,1]" help:"share of the last solution to start from"`
	Adapt       bool     `arg:"adapt" default:"false" help:"move damping as Levenberg and Marquardt do"`
	WeightDecay Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
}

func (s *newtonSettings) check() error {
	if s.Adapt && s.Damping == 0 {
		return errors.New("adapt multiplies damping, so that it must be above 0")
	}
	return nil
}

func (s *newtonSettings) evaluations() (gradients, products float64) {
	products = float64(s.Steps)
	if s.Warm > 0 {
		products++
	}
	return 1, products
}

type fisherMatrix string

type naturalSettings struct {
	LR          Schedule     `arg:"lr" default:"1" valid:"(0,inf)" search:"1e-3..1 log" help:"share of the way that is gone"`
	Damping     float64      `arg:"damping" default:"1" valid:"[0,inf)" search:"1e-4..10 log" help:"added to the eigenvalues"`
	Steps       int          `arg:"steps" default:"10" valid:"[1,inf)" search:"1..100 log" help:"most conjugate gradients"`
	Tol         float64      `arg:"tol" default:"1e-3" valid:"[0,1)" help:"residual, over the gradient's length, that will do"`
	Warm        float64      `arg:"warm" default:"0" valid:"[0,1]" help:"share of the last solution to start from"`
	Adapt       bool         `arg:"adapt" default:"false" help:"move damping as Levenberg and Marquardt do"`
	WeightDecay Schedule     `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times lr"`
	Matrix      fisherMatrix `arg:"matrix" default:"fisher" choices:"fisher|empirical" help:"whose labels: the model's or the true ones"`
}

// newton is what the settings have in common with those of the others.
func (s *naturalSettings) newton() *newtonSettings {
	return &newtonSettings{s.LR, s.Damping, s.Steps, s.Tol, s.Warm, s.Adapt, s.WeightDecay}
}

func (s *naturalSettings) check() error { return s.newton().check() }

func (s *naturalSettings) evaluations() (gradients, products float64) {
	return s.newton().evaluations()
}

type newton[T problem.Float] struct {
	newtonSettings
	blocks  []problem.Block
	solver  *conjugate[T]
	damping float64
	x       []T // x + d, if adapt
}

func newNewton[T problem.Float](s *newtonSettings, c *Context[T], m problem.Matrix) (part[T], error) {
	r := &newton[T]{newtonSettings: *s, blocks: c.Blocks, solver: newConjugate(m, c), damping: s.Damping}
	if s.Adapt {
		r.x = kernel.Vector[T](c.Layout.N)
	}
	return r, c.needs(m)
}

func newNatural[T problem.Float](s *naturalSettings, c *Context[T]) (part[T], error) {
	if s.Matrix == "empirical" {
		return newNewton(s.newton(), c, problem.EmpiricalFisher)
	}
	return newNewton(s.newton(), c, problem.Fisher)
}

func newGaussNewton[T problem.Float](s *newtonSettings, c *Context[T]) (part[T], error) {
	return newNewton(s, c, problem.GaussNewton)
}

func newNewtonCG[T problem.Float](s *newtonSettings, c *Context[T]) (part[T], error) {
	return newNewton(s, c, problem.Hessian)
}

func (r *newton[T]) Step(s *Step[T]) {
	lr, v := r.LR.At(s.T), r.solver
	decay := T(lr * r.WeightDecay.At(s.T))
	length := norm(s.D, v.spans)
	unit := reciprocal[T](length)
	for _, q := range v.spans {
		b := v.b[q.lo:q.hi]
		copy(b, s.D[q.lo:q.hi])
		kernel.Scale(b, unit)
		if r.Warm == 0 {
			clear(v.y[q.lo:q.hi])
		} else {
			kernel.Scale(v.y[q.lo:q.hi], T(r.Warm))
		}
	}
	if !v.solve(s.F, s.X, r.damping, r.Tol, r.Steps) {
		setNaN(s.D, r.blocks)
		return
	}
	for _, q := range v.spans {
		kernel.Axpby(0, s.D[q.lo:q.hi], -T(lr*length), v.y[q.lo:q.hi])
		kernel.Axpy(s.D[q.lo:q.hi], -decay, s.X[q.lo:q.hi])
	}
	if r.Adapt {
		r.adapt(s, lr, length)
	}
}

// adapt moves damping by how well the quadratic model told the loss after the step, s.D
// being the change. With M y = b - r - damping y the model needs no further product.
func (r *newton[T]) adapt(s *Step[T], lr, length float64) {
	v := r.solver
	copy(r.x, s.X)
	v.add(r.x, 1, s.D)
	along := kernel.Dot(v.y, v.b)
	bent := along - kernel.Dot(v.y, v.r) - r.damping*kernel.Dot(v.y, v.y)
	model := lr * length * length * (lr*bent/2 - along)
	if math.Abs(model) <= 1e-7*math.Abs(s.Loss) {
		return // less than the rounding of the loss would drown it
	}
	change := s.F.Loss(r.x) - s.Loss
	switch q := change / model; {
	case change > 0:
		r.damping *= 3. / 2
		for _, p := range v.spans {
			clear(s.D[p.lo:p.hi])
		}
	case q > 0.75:
		r.damping *= 2. / 3
	case q < 0.25:
		r.damping *= 3. / 2
	}
}

func (r *newton[T]) Memory() []any {
	if r.Warm == 0 {
		return []any{&r.damping}
	}
	return []any{&r.damping, r.solver.y}
}

func (r *newton[T]) Flops() float64 {
	return float64(12*r.Steps+8) * float64(len(r.solver.y))
}
