package optim

import "basin/problem"

// A chain is links in turn: each finds in D what the one before it left there.
type chain[T problem.Float] struct{ parts[T] }

func (c chain[T]) Step(s *Step[T]) {
	for _, link := range c.parts {
		link.Step(s)
	}
}

func (c chain[T]) Links() []Stepper[T] {
	links := make([]Stepper[T], len(c.parts))
	for i, p := range c.parts {
		links[i] = p
	}
	return links
}
