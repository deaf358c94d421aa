package optim

import "basin/problem"

// Memory is a stepper that can be stopped and taken up again. Every rule here is
// one; see Save.
type Memory interface {
	// Memory lists all that steps change and later steps depend on, apart from the
	// point and the number of the step, always in the same order: slices of float32,
	// float64 or int64, and pointers to these.
	Memory() []any
}

// An Averager trains at one point and answers with another.
type Averager[T problem.Float] interface {
	// Average sets dst to the answer when training is at x, on the blocks that the
	// stepper was made for, and leaves the rest of dst alone.
	Average(dst, x []T)
}

// A Warner has something to tell about how its steps went.
type Warner interface {
	// Warnings gives one line for each thing that went otherwise than the rule's
	// equations say, nil if nothing did.
	Warnings() []string
}

// A Coster knows the floating-point operations of a step besides those of the
// objective, on average where steps differ.
type Coster interface{ Flops() float64 }

// A Shower shows numbers by which its equations go on, such as the distance that a
// parameter-free method has estimated.
type Shower interface {
	// Show gives the number of that name after the last step.
	Show(name string) (value float64, ok bool)
}

// An Ager makes its steps from something that it renews only now and then, such as the roots
// of matrices, so that training need not wait for it at every step.
type Ager interface {
	// Age is how many steps before step t, the last one made, that was renewed which made
	// it, the oldest where there are several. It reports false where nothing is renewed so.
	Age(t int) (steps int, ok bool)
}

// A PhaseEnder is told when a phase of training is over, for rules that keep what was
// learnt in it.
type PhaseEnder[T problem.Float] interface {
	// EndPhase is called between two phases with the point at the end of the first
	// and its batches: batch(i), for i from 1, is as in problem.Phase, and what is asked of it
	// is counted. It may allocate.
	EndPhase(x []T, batch func(i int) problem.Objective[T])
}

// A Wrapper is a stepper around another one, to which it leaves the abilities that
// it does not have itself.
type Wrapper[T problem.Float] interface{ Unwrap() Stepper[T] }

// A Chain is a stepper made of others that act in turn on the same blocks.
type Chain[T problem.Float] interface{ Links() []Stepper[T] }

// As finds the first of s, what s wraps, and so on, that has ability A. Of a chain
// it looks through the links in order.
func As[A any, T problem.Float](s Stepper[T]) (A, bool) {
	for s != nil {
		if a, ok := s.(A); ok {
			return a, true
		}
		if c, ok := s.(Chain[T]); ok {
			for _, link := range c.Links() {
				if a, ok := As[A](link); ok {
					return a, true
				}
			}
			break
		}
		w, ok := s.(Wrapper[T])
		if !ok {
			break
		}
		s = w.Unwrap()
	}
	var none A
	return none, false
}

// answering gives a stepper whose parts act side by side, each on blocks of its own,
// their answers together, if one of them is an Averager.
func answering[T problem.Float](whole part[T], blocks []problem.Block, side ...part[T]) part[T] {
	r := &answers[T]{part: whole}
	r.spans, _ = spans(blocks)
	for _, p := range side {
		if a, ok := As[Averager[T]](Stepper[T](p)); ok {
			r.averagers = append(r.averagers, a)
		}
	}
	if r.averagers == nil {
		return whole
	}
	return r
}

type answers[T problem.Float] struct {
	part[T]
	spans     []span
	averagers []Averager[T]
}

func (r *answers[T]) Unwrap() Stepper[T] { return r.part }

func (r *answers[T]) Average(dst, x []T) {
	for _, p := range r.spans {
		copy(dst[p.lo:p.hi], x[p.lo:p.hi])
	}
	for _, a := range r.averagers {
		a.Average(dst, x)
	}
}

// parts are steppers that work side by side or in turn; their shared abilities are
// those of all together.
type parts[T problem.Float] []part[T]

func (p parts[T]) Memory() []any {
	var all []any
	for _, s := range p {
		all = append(all, s.Memory()...)
	}
	return all
}

func (p parts[T]) Warnings() []string {
	var all []string
	for _, s := range p {
		if w, ok := As[Warner](Stepper[T](s)); ok {
			all = append(all, w.Warnings()...)
		}
	}
	return all
}

func (p parts[T]) EndPhase(x []T, batch func(i int) problem.Objective[T]) {
	for _, s := range p {
		if e, ok := As[PhaseEnder[T]](Stepper[T](s)); ok {
			e.EndPhase(x, batch)
		}
	}
}

func (p parts[T]) Age(t int) (steps int, ok bool) {
	for _, s := range p {
		if a, has := As[Ager](Stepper[T](s)); has {
			if n, has := a.Age(t); has {
				steps, ok = max(steps, n), true
			}
		}
	}
	return steps, ok
}

func (p parts[T]) Flops() float64 {
	sum := 0.0
	for _, s := range p {
		sum += flops(s)
	}
	return sum
}

// flops is the cost of a step of a part, as far as it knows it.
func flops[T problem.Float](p part[T]) float64 {
	if c, ok := As[Coster](Stepper[T](p)); ok {
		return c.Flops()
	}
	return 0
}
