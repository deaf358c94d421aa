package optim

import (
	"fmt"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

// hutchinson gives products of the Hessian with random signs z, whose z*(H z) is the
// diagonal of H on average (Hutchinson 1989; Bekas, Kokiopoulou & Saad 2007). The signs,
// choices of the name "rademacher", are zero outside the blocks, so that H is that of the
// blocks alone.
type hutchinson[T problem.Float] struct {
	c     *Context[T]
	z, hz []T // in the whole space
}

func newHutchinson[T problem.Float](c *Context[T]) (*hutchinson[T], error) {
	h := &hutchinson[T]{c, kernel.Vector[T](c.Layout.N), kernel.Vector[T](c.Layout.N)}
	return h, c.needs(problem.Hessian)
}

// draw sets z and hz for the step. It reports false where there is no Hessian.
func (h *hutchinson[T]) draw(s *Step[T]) bool {
	signs := rng.At(h.c.Seed, "rademacher", s.T)
	for _, b := range h.c.Blocks {
		z := problem.View(h.z, b)
		given := h.c.given("rademacher", b, s.T)
		for i := range z {
			z[i] = T(signs.Sign())
		}
		for i, v := range given {
			z[i] = T(v)
		}
	}
	return s.F.MulVec(problem.Hessian, h.hz, s.X, h.z)
}

// needs refuses an objective that has not the matrix.
func (c *Context[T]) needs(m problem.Matrix) error {
	if c.First == nil {
		return nil
	}
	if room := kernel.Vector[T](c.Layout.N); !c.First.MulVec(m, room, c.Start, room) {
		return fmt.Errorf("this objective has no %v matrix", m)
	}
	return nil
}
