package run

import "basin/problem"

// counter is the objective a stepper sees: the batch's own, with its evaluations
// counted.
type counter[T problem.Float] struct {
	problem.Objective[T]
	cost                *problem.Cost
	loss, grad, product float64 // flops of each method
}

// watch makes f the objective that is counted.
func (c *counter[T]) watch(f problem.Objective[T]) {
	c.Objective = f
	if fl, ok := problem.As[problem.Flopper](f); ok {
		c.loss, c.grad, c.product = fl.Flops()
	}
}

func (c *counter[T]) Unwrap() problem.Objective[T] { return c.Objective }

func (c *counter[T]) Loss(x []T) float64 {
	c.cost.Losses++
	c.cost.Flops += c.loss
	return c.Objective.Loss(x)
}

func (c *counter[T]) Grad(dst, x []T) float64 {
	c.cost.Grads++
	c.cost.Flops += c.grad
	return c.Objective.Grad(dst, x)
}

func (c *counter[T]) MulVec(m problem.Matrix, dst, x, v []T) bool {
	ok := c.Objective.MulVec(m, dst, x, v)
	if ok {
		c.cost.Products++
		c.cost.Flops += c.product
	}
	return ok
}
