package optim

import (
	"fmt"

	"basin/kernel"
	"basin/problem"
)

var ogdDoc = Doc{
	Name:    "ogd",
	Family:  "continual",
	Summary: "Orthogonal gradient descent: gradients lose what would change the outputs of earlier phases.",
	Equations: `g = g - sum_j q_j (q_j . g)
q_j = Gram-Schmidt of the gradients of outputs z_y of examples, y their label, at the ends of earlier phases`,
	Source: "Farajtabar, Azizan, Mott & Li 2020, Orthogonal gradient descent for continual learning, arXiv 1910.07104, Algorithm 1 (OGD-GTL: the ground truth logit)",
	Notes: []string{
		"At the end of a phase one prediction of each of its first batches is taken, the first of the first batch, the second of the second and so on. Where targets are no classes, the output is the first.",
		"With plain descent behind it the outputs at these examples stay, to first order; a rule with momentum or its own metric leaves the subspace.",
		"A gradient that is already spanned up to 1e-4 of its length is not kept. Once there are capacity directions no more are kept, and a warning says so.",
	},
	EndsAt:      "the minimum of the loss in the directions that are left; in a first phase, of the loss",
	Memory:      "capacity values per parameter (q_j)",
	Gradients:   1,
	Invariances: []Invariance{Rotation, SignedPermutation},
	Example:     "ogd(directions=20, capacity=40) | sgd(lr=0.1)",
}

type ogdSettings struct {
	Directions int `arg:"directions" default:"20" valid:"[1,inf)" help:"directions taken at the end of each phase"`
	Capacity   int `arg:"capacity" default:"100" valid:"[1,inf)" help:"directions that are kept in all"`
}

type ogd[T problem.Float] struct {
	ogdSettings
	spans  []span
	n      int
	kept   int64
	full   int64 // directions for which there was no room
	missed int64 // phases that gave none
	basis  []T   // capacity x n
}

func newOGD[T problem.Float](s *ogdSettings, c *Context[T]) (part[T], error) {
	if err := c.needsOutputs(); err != nil {
		return nil, err
	}
	r := &ogd[T]{ogdSettings: *s}
	r.spans, r.n = spans(c.Blocks)
	r.basis = make([]T, s.Capacity*r.n)
	return r, nil
}

// direction is q_j.
func (r *ogd[T]) direction(j int) []T { return r.basis[j*r.n:][:r.n] }

func (r *ogd[T]) Step(s *Step[T]) {
	for j := range int(r.kept) {
		q, dot := r.direction(j), 0.0
		for _, p := range r.spans {
			dot += kernel.Dot(q[p.at:][:p.hi-p.lo], s.D[p.lo:p.hi])
		}
		for _, p := range r.spans {
			kernel.Axpy(s.D[p.lo:p.hi], -T(dot), q[p.at:][:p.hi-p.lo])
		}
	}
}

func (r *ogd[T]) EndPhase(x []T, batch func(i int) problem.Objective[T]) {
	g := make([]T, len(x))
	var u []T
	for i := range r.Directions {
		f := batch(i + 1)
		p, known := problem.As[problem.Predictor[T]](f)
		j, apart := problem.As[problem.Jacobian[T]](f)
		if !known || !apart {
			r.missed++
			return
		}
		n, outputs := p.Size()
		if int(r.kept) == r.Capacity {
			r.full++
			continue
		}
		u = append(u[:0], make([]T, n*outputs)...)
		at := i % n * outputs
		if labels := p.Labels(); labels != nil && outputs > 1 {
			at += labels[i%n]
		}
		u[at] = 1
		j.VecJac(g, x, u)
		r.keep(g)
	}
}

// keep adds the direction of g to the basis, if it is not spanned by it.
func (r *ogd[T]) keep(g []T) {
	q := r.direction(int(r.kept))
	for _, p := range r.spans {
		copy(q[p.at:], g[p.lo:p.hi])
	}
	before := kernel.Norm2(q)
	for range 2 { // twice is enough (Giraud, Langou and Rozloznik 2005)
		for j := range int(r.kept) {
			other := r.direction(j)
			kernel.Axpy(q, -T(kernel.Dot(other, q)), other)
		}
	}
	after := kernel.Norm2(q)
	if !(after > 1e-4*before) {
		clear(q)
		return
	}
	kernel.Scale(q, T(1/after))
	r.kept++
}

func (r *ogd[T]) Memory() []any { return []any{&r.kept, &r.full, &r.missed, r.basis} }

func (r *ogd[T]) Warnings() []string {
	var all []string
	if r.full > 0 {
		all = append(all, fmt.Sprintf("ogd: %d directions of earlier phases found no room; raise capacity above %d", r.full, r.Capacity))
	}
	if r.missed > 0 {
		all = append(all, fmt.Sprintf("ogd: %d phases left no directions: the objective has no outputs with a Jacobian", r.missed))
	}
	return all
}

func (r *ogd[T]) Flops() float64 { return 4*float64(r.kept)*float64(r.n) + 1 }
