package optim

import (
	"math"

	"basin/kernel"
	"basin/problem"
)

var lbfgsDoc = Doc{
	Name:    "lbfgs",
	Family:  "curvature",
	Summary: "L-BFGS: a quasi-Newton direction from the last changes of point and gradient, several times over on the objective of one step.",
	Equations: `up to max_iter times, y and s being the last changes of g and x, kept if y's > 1e-10:
p = -B g, B by two loops over history_size pairs from (y's / y'y) I;  p = -g the first time
a = lr;  a = lr * min(1, 1/|g|_1) the first time;  strong_wolfe: searched for from there
x = x + a p
d = sum of all a p`,
	Source: "Liu & Nocedal 1989, On the limited memory BFGS method for large scale optimization, Mathematical Programming 45; two loops: Nocedal 1980; line search: Nocedal & Wright 2006, Algorithms 3.5 and 3.6",
	Notes: []string{
		"Every rule of PyTorch's LBFGS is kept: the first length, the pairs left out, what ends a step (max_iter, max_eval, no |g_i| above tolerance_grad, a slope, change of x or of the loss below tolerance_change), and its line search, with c1=1e-4, c2=0.9, cubic interpolation and at most 25 evaluations.",
		"A step is what PyTorch's step() is. The pair that reaches over from one step to the next is of gradients of two objectives where batches differ; large batches or one fixed function are what it is for.",
		"line_search=none moves by lr however the loss goes. Losses count only for strong_wolfe and for tolerance_change.",
		"Scale and axes enter by the first length alone: it is invariant to the scale of a loss whose first |g|_1 is above 1, and to rotations but for that length.",
		"Gradients per step are at most what is declared; strong_wolfe takes one at least for every iteration, so that more is possible.",
	},
	Clipping:    "none after the first iteration",
	Memory:      "2 history_size + 2 values per parameter (y, s, the last g and p)",
	Gradients:   20,
	Invariances: []Invariance{LossScale, SignedPermutation},
	Example:     "lbfgs(lr=0.1, max_iter=2, history_size=10, tolerance_grad=0, tolerance_change=0)",
}

type lbfgsSearch string

type lbfgsSettings struct {
	LR              Schedule    `arg:"lr" default:"1" valid:"(0,inf)" search:"1e-2..1 log" help:"length of a step along its direction, with strong_wolfe the first one tried"`
	MaxIter         int         `arg:"max_iter" default:"20" valid:"[1,inf)" help:"iterations in a step"`
	MaxEval         int         `arg:"max_eval" default:"0" valid:"[0,inf)" help:"evaluations after which a step ends; 0: max_iter*5/4"`
	HistorySize     int         `arg:"history_size" default:"100" valid:"[1,inf)" help:"pairs that are kept"`
	ToleranceGrad   float64     `arg:"tolerance_grad" default:"1e-7" valid:"[0,inf)" help:"largest entry of a gradient that counts as zero"`
	ToleranceChange float64     `arg:"tolerance_change" default:"1e-9" valid:"[0,inf)" help:"change of x or of the loss that ends a step"`
	LineSearch      lbfgsSearch `arg:"line_search" default:"none" choices:"none|strong_wolfe" help:"how lengths are found"`
}

// most is the number of evaluations after which a step ends.
func (s *lbfgsSettings) most() int {
	if s.MaxEval > 0 {
		return s.MaxEval
	}
	return s.MaxIter * 5 / 4
}

func (s *lbfgsSettings) evaluations() (gradients, products float64) {
	n := s.MaxIter
	if s.LineSearch != "none" {
		n++ // for the length of the last, too
	}
	if s.MaxIter > 1 || s.LineSearch != "none" {
		n = min(n, max(2, s.most()))
	}
	return float64(n), 0
}

type lbfgs[T problem.Float] struct {
	lbfgsSettings
	spans []span

	// Memory. Pairs are in a ring: the newest is number pairs-1, at that modulo the size.
	y, s         [][]T
	ro           []float64 // 1/y's
	g, p         []T       // of the last iteration
	length       float64   // along p
	scale        float64   // y's / y'y of the newest pair
	pairs, iters int64

	// Room within a step.
	x, u, v []T
	al      []float64
	search  wolfe[T]
}

func newLBFGS[T problem.Float](s *lbfgsSettings, c *Context[T]) (part[T], error) {
	n := c.Layout.N
	room := func() []T { return kernel.Vector[T](n) }
	r := &lbfgs[T]{lbfgsSettings: *s, g: room(), p: room(), x: room(), u: room(), v: room(), scale: 1}
	r.spans, _ = spans(c.Blocks)
	for range s.HistorySize {
		r.y, r.s = append(r.y, room()), append(r.s, room())
	}
	r.ro, r.al = make([]float64, s.HistorySize), make([]float64, s.HistorySize)
	r.search = wolfe[T]{x: room(), grads: [4][]T{room(), room(), room(), room()}}
	return r, nil
}

func (r *lbfgs[T]) Step(s *Step[T]) {
	copy(r.x, s.X)
	g := r.search.grads[0] // where the line search leaves the gradient
	clear(g)
	for _, q := range r.spans {
		copy(g[q.lo:q.hi], s.D[q.lo:q.hi])
	}
	r.descend(s)
	for _, q := range r.spans {
		for i := q.lo; i < q.hi; i++ {
			s.D[i] = r.x[i] - s.X[i]
		}
	}
}

// descend takes r.x through the iterations of a step.
func (r *lbfgs[T]) descend(s *Step[T]) {
	w := &r.search
	loss, lr := s.Loss, r.LR.At(s.T)
	if kernel.AbsMax(w.grads[0]) <= r.ToleranceGrad {
		return
	}
	evals := 1
	for n := 1; ; n++ {
		g := w.grads[0]
		length := lr
		if r.iters++; r.iters == 1 {
			copy(r.p, g)
			kernel.Scale(r.p, -1)
			length = min(1, 1/sumSizes(g)) * lr
		} else {
			r.remember(g)
			r.direct(g)
		}
		copy(r.g, g)
		before, slope := loss, kernel.Dot(g, r.p)
		r.length = length
		if slope > -r.ToleranceChange {
			return
		}
		if r.LineSearch == "strong_wolfe" {
			var more int
			loss, r.length, more = w.search(s.F, r.x, r.p, length, loss, slope, r.ToleranceChange, r.spans)
			evals += more
			kernel.Axpy(r.x, T(r.length), r.p)
		} else {
			kernel.Axpy(r.x, T(length), r.p)
			if n < r.MaxIter {
				loss = w.at(s.F, r.x, w.grads[0], r.spans)
				evals++
			}
		}
		if n == r.MaxIter || evals >= r.most() || kernel.AbsMax(w.grads[0]) <= r.ToleranceGrad ||
			kernel.AbsMax(r.p)*r.length <= r.ToleranceChange || math.Abs(loss-before) < r.ToleranceChange {
			return
		}
	}
}

// remember keeps the pair that leads to the gradient g.
func (r *lbfgs[T]) remember(g []T) {
	copy(r.u, g)
	kernel.Axpy(r.u, -1, r.g)
	copy(r.v, r.p)
	kernel.Scale(r.v, T(r.length))
	ys := kernel.Dot(r.u, r.v)
	if !(ys > 1e-10) {
		return
	}
	k := int(r.pairs) % r.HistorySize
	copy(r.y[k], r.u)
	copy(r.s[k], r.v)
	r.ro[k] = 1 / ys
	r.scale = ys / kernel.Dot(r.u, r.u)
	r.pairs++
}

// direct sets p to minus the quasi-Newton matrix times g.
func (r *lbfgs[T]) direct(g []T) {
	copy(r.p, g)
	kernel.Scale(r.p, -1)
	oldest := max(0, int(r.pairs)-r.HistorySize)
	for i := int(r.pairs) - 1; i >= oldest; i-- {
		k := i % r.HistorySize
		r.al[k] = kernel.Dot(r.s[k], r.p) * r.ro[k]
		kernel.Axpy(r.p, -T(r.al[k]), r.y[k])
	}
	kernel.Scale(r.p, T(r.scale))
	for i := oldest; i < int(r.pairs); i++ {
		k := i % r.HistorySize
		kernel.Axpy(r.p, T(r.al[k]-kernel.Dot(r.y[k], r.p)*r.ro[k]), r.s[k])
	}
}

func sumSizes[T problem.Float](v []T) float64 {
	sum := 0.0
	for _, e := range v {
		sum += math.Abs(float64(e))
	}
	return sum
}

func (r *lbfgs[T]) Memory() []any {
	all := []any{r.ro, r.g, r.p, &r.length, &r.scale, &r.pairs, &r.iters}
	for k := range r.y {
		all = append(all, r.y[k], r.s[k])
	}
	return all
}

func (r *lbfgs[T]) Flops() float64 {
	return float64(r.MaxIter) * (8*float64(r.HistorySize) + 12) * float64(len(r.x))
}
