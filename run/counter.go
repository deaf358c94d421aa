package run

import "basin/problem"

// counter is the objective a stepper sees: the batch's own, with its evaluations
// counted, and what is done through its abilities too.
type counter[T problem.Float] struct {
	problem.Objective[T]
	cost                *problem.Cost
	loss, grad, product float64 // flops of each method

	abilities problem.Objective[T] // what the counter unwraps to
	sampler   sampler[T]
	kronecker kronecker[T]
	jacobian  jacobian[T]
}

// watch makes f the objective that is counted.
func (c *counter[T]) watch(f problem.Objective[T]) {
	c.Objective, c.abilities = f, f
	if fl, ok := problem.As[problem.Flopper](f); ok {
		c.loss, c.grad, c.product = fl.Flops()
	}
	// One around the other, each there only if f has the ability.
	if s, ok := problem.As[problem.Sampler[T]](f); ok {
		c.sampler = sampler[T]{around[T]{f, c.abilities}, c, s}
		c.abilities = &c.sampler
	}
	if k, ok := problem.As[problem.Kronecker[T]](f); ok {
		c.kronecker = kronecker[T]{around[T]{f, c.abilities}, c, k}
		c.abilities = &c.kronecker
	}
	if j, ok := problem.As[problem.Jacobian[T]](f); ok {
		c.jacobian = jacobian[T]{around[T]{f, c.abilities}, c, j}
		c.abilities = &c.jacobian
	}
}

// Unwrap gives those of the abilities that are counted, and behind them the objective.
func (c *counter[T]) Unwrap() problem.Objective[T] { return c.abilities }

func (c *counter[T]) Loss(x []T) float64 {
	c.countLoss()
	return c.Objective.Loss(x)
}

func (c *counter[T]) Grad(dst, x []T) float64 {
	c.countGrad()
	return c.Objective.Grad(dst, x)
}

func (c *counter[T]) MulVec(m problem.Matrix, dst, x, v []T) bool {
	ok := c.Objective.MulVec(m, dst, x, v)
	if ok {
		c.countProduct()
	}
	return ok
}

func (c *counter[T]) countLoss() {
	c.cost.Losses++
	c.cost.Flops += c.loss
}

func (c *counter[T]) countGrad() {
	c.cost.Grads++
	c.cost.Flops += c.grad
}

func (c *counter[T]) countProduct() {
	c.cost.Products++
	c.cost.Flops += c.product
}

// around is an objective that has one ability and leaves the others to the next.
type around[T problem.Float] struct {
	problem.Objective[T]
	next problem.Objective[T]
}

func (a around[T]) Unwrap() problem.Objective[T] { return a.next }

// sampler counts the outputs that labels are drawn from as a loss, and whatever is asked
// of the objective with these labels.
type sampler[T problem.Float] struct {
	around[T]
	count *counter[T]
	f     problem.Sampler[T]
}

func (s *sampler[T]) Sampled(x []T, seed uint64) (problem.Objective[T], bool) {
	f, ok := s.f.Sampled(x, seed)
	if !ok {
		return nil, false
	}
	s.count.countLoss()
	made := &counter[T]{cost: s.count.cost}
	made.watch(f)
	return made, true
}

// kronecker counts all factors together as a gradient: they take one, and products of
// matrices as large.
type kronecker[T problem.Float] struct {
	around[T]
	count *counter[T]
	f     problem.Kronecker[T]
}

func (k *kronecker[T]) KroneckerLayers() []problem.KroneckerLayer { return k.f.KroneckerLayers() }

func (k *kronecker[T]) KroneckerFactors(a, g [][]T, x []T) {
	k.count.countGrad()
	k.f.KroneckerFactors(a, g, x)
}

// jacobian counts a product with the Jacobian, or its transposed, as one with a curvature
// matrix.
type jacobian[T problem.Float] struct {
	around[T]
	count *counter[T]
	f     problem.Jacobian[T]
}

func (j *jacobian[T]) JacVec(dst, x, v []T) {
	j.count.countProduct()
	j.f.JacVec(dst, x, v)
}

func (j *jacobian[T]) VecJac(dst, x, u []T) {
	j.count.countProduct()
	j.f.VecJac(dst, x, u)
}
