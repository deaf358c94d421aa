package run

import (
	"context"

	"basin/problem"
)

// interruptible is the problem with objectives that have no products any more once
// the context is over, so that a probe of many products comes to an end. Its
// readings are then to be thrown away.
func interruptible(ctx context.Context, p *problem.Problem[float32]) *problem.Problem[float32] {
	q := *p
	q.Sets = map[string]problem.Objective[float32]{}
	for name, f := range p.Sets {
		q.Sets[name] = watched(ctx, f)
	}
	return &q
}

// watched wraps an objective, and those over parts of its examples.
func watched(ctx context.Context, f problem.Objective[float32]) problem.Objective[float32] {
	w := until{f, ctx}
	if s, ok := problem.As[problem.Subsetter[float32]](f); ok {
		return untilAndParts{w, s}
	}
	return w
}

type until struct {
	problem.Objective[float32]
	ctx context.Context
}

func (u until) Unwrap() problem.Objective[float32] { return u.Objective }

func (u until) MulVec(m problem.Matrix, dst, x, v []float32) bool {
	return u.ctx.Err() == nil && u.Objective.MulVec(m, dst, x, v)
}

type untilAndParts struct {
	until
	whole problem.Subsetter[float32]
}

func (u untilAndParts) Examples() int { return u.whole.Examples() }

func (u untilAndParts) Subset(indices []int) problem.Objective[float32] {
	return watched(u.ctx, u.whole.Subset(indices))
}
