package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

// wolfe is a line search for the strong Wolfe conditions (Nocedal & Wright 2006,
// Algorithms 3.5 and 3.6) by cubic interpolation, with the choices of PyTorch's LBFGS, to
// which it keeps evaluation by evaluation.
type wolfe[T problem.Float] struct {
	x     []T    // where the objective is looked at
	grads [4][]T // the first is that at the start, and in the end that at the point found
}

// Constants of the search: what share of the first slope the loss must fall by, and to
// what share of it the slope must fall; the most evaluations after the first.
const (
	wolfeArmijo    = 1e-4
	wolfeCurvature = 0.9
	wolfeMost      = 25
)

// A trial is a length along the line, with the loss, the slope and which of grads there.
type trial struct {
	t, loss, slope float64
	grad           int
}

// at sets g to the gradient of f at x on the spans, and to zero elsewhere.
func (w *wolfe[T]) at(f problem.Objective[T], x, g []T, list []span) float64 {
	loss := f.Grad(g, x)
	end := 0
	for _, q := range list {
		clear(g[end:q.lo])
		end = q.hi
	}
	clear(g[end:])
	return loss
}

// search goes from x along p, the loss and the slope at x being given, first by the length
// t. It returns the loss at the length found, that length, and how many evaluations it took.
func (w *wolfe[T]) search(f problem.Objective[T], x, p []T, t, loss, slope, tolerance float64, list []span) (float64, float64, int) {
	evals := 0
	look := func(t float64, grad int) trial {
		copy(w.x, x)
		kernel.Axpy(w.x, T(t), p)
		value := w.at(f, w.x, w.grads[grad], list)
		evals++
		return trial{t, value, kernel.Dot(w.grads[grad], p), grad}
	}
	start := trial{0, loss, slope, 0}
	tooHigh := func(n trial) bool { return n.loss > loss+wolfeArmijo*n.t*slope }
	flat := func(n trial) bool { return math.Abs(n.slope) <= -wolfeCurvature*slope }

	// Lengthen the step until the bracket from ends[0] to ends[1] holds what is looked for.
	last, now := start, look(t, 1)
	ends, found, rounds := [2]trial{}, false, 0
	for ; rounds < wolfeMost; rounds++ {
		if tooHigh(now) || rounds > 1 && now.loss >= last.loss {
			ends = [2]trial{last, now}
			break
		}
		if flat(now) {
			ends, found = [2]trial{now, now}, true
			break
		}
		if now.slope >= 0 {
			ends = [2]trial{last, now}
			break
		}
		next := cubicMinimum(last, now, now.t+0.01*(now.t-last.t), now.t*10)
		free := 3 - now.grad // 1 or 2: the start, in 0, is kept to the end
		last, now = now, look(next, free)
	}
	if rounds == wolfeMost {
		ends = [2]trial{start, now}
	}

	// Narrow the bracket.
	low := 0
	if !(ends[0].loss <= ends[1].loss) {
		low = 1
	}
	width, stuck := kernel.AbsMax(p), false
	for !found && rounds < wolfeMost && !(math.Abs(ends[1].t-ends[0].t)*width < tolerance) {
		left, right := min(ends[0].t, ends[1].t), max(ends[0].t, ends[1].t)
		t := cubicMinimum(ends[0], ends[1], left, right)
		margin := 0.1 * (right - left)
		if min(right-t, t-left) < margin {
			if stuck || t >= right || t <= left {
				if math.Abs(t-right) < math.Abs(t-left) {
					t = right - margin
				} else {
					t = left + margin
				}
				stuck = false
			} else {
				stuck = true
			}
		} else {
			stuck = false
		}
		now = look(t, spare(ends))
		rounds++
		if tooHigh(now) || now.loss >= ends[low].loss {
			ends[1-low] = now
			low = 0
			if !(ends[0].loss <= ends[1].loss) {
				low = 1
			}
			continue
		}
		switch {
		case flat(now):
			found = true
		case now.slope*(ends[1-low].t-ends[low].t) >= 0:
			ends[1-low] = ends[low]
		}
		ends[low] = now
	}
	best := ends[low]
	w.grads[0], w.grads[best.grad] = w.grads[best.grad], w.grads[0]
	return best.loss, best.t, evals
}

// spare is which of grads neither end is in, the start's aside.
func spare(ends [2]trial) int {
	for k := 1; ; k++ {
		if k != ends[0].grad && k != ends[1].grad {
			return k
		}
	}
}

// cubicMinimum is where the cubic through two trials, with their slopes, is least, held to
// [low, high]; the middle of that where it has no minimum.
func cubicMinimum(a, b trial, low, high float64) float64 {
	if !(a.t <= b.t) {
		a, b = b, a
	}
	d1 := a.slope + b.slope - 3*(a.loss-b.loss)/(a.t-b.t)
	square := d1*d1 - a.slope*b.slope
	if !(square >= 0) {
		return (low + high) / 2
	}
	d2 := math.Sqrt(square)
	return min(max(b.t-(b.t-a.t)*((b.slope+d2-d1)/(b.slope-a.slope+2*d2)), low), high)
}
