// Package optim holds update rules: how a gradient becomes a change to the
// parameters. A rule is one file and one line of the catalogue; rules are combined
// by recipes such as
//
//	clip_norm(1) | adamw(lr=1e-3)
//	sam(rho=0.05, base=sgd(lr=0.1))
//	split(matrix=muon(lr=0.02), rest=adamw(lr=3e-4))
//
// Rules know a flat vector of named blocks and an objective, never a network. They
// own neither the loop, nor counting, nor the finite check, nor the point itself:
// a rule is asked for a change, and whoever asks adds it.
package optim

import (
	"basin/internal/crew"
	"basin/problem"
	"basin/rng"
)

// A Step is what a rule is shown, and where it leaves its answer.
type Step[T problem.Float] struct {
	T    int     // number of the step, from 1
	X    []T     // the whole point; no rule writes it
	D    []T     // in: the gradient at X, or what the link before made of it; out: the change to X
	Loss float64 // at X
	// F is this step's objective in the whole space, for rules that look further
	// than the gradient at X. Its maker counts what is asked of it.
	F problem.Objective[T]
}

// A Stepper is a recipe at work in one run. Step overwrites D on the blocks that
// the stepper was made for and leaves the rest of D alone; it allocates nothing. A
// NaN in the gradient comes out as a NaN in the change: to stop a run is not a
// rule's business.
type Stepper[T problem.Float] interface {
	Step(s *Step[T])
}

// A Context is what a rule is made from, besides its settings.
type Context[T problem.Float] struct {
	Layout  *problem.Layout
	Blocks  []problem.Block // those to act on, in order of Off
	Start   []T             // the point before the first step, in the whole space
	Seed    uint64          // of noise: rng.At(Seed, name, step)
	Horizon int             // steps planned, 0 if unknown
	Crew    *crew.Crew      // to share work with; nil: nobody
	// First is the objective of the first step, by which a rule that looks further than the
	// gradient can refuse one that has not what it needs; nil: not known yet.
	First problem.Objective[T]
	// Given, where not nil, is asked before a rule draws a number or makes a choice that
	// its equations leave free, such as the sign of a singular vector: what names the
	// choice, t the step, from 1, or 0 for one made before the first. It gives what to
	// take instead, nil where the rule's own is wanted. So what another program drew can be
	// replayed.
	Given func(what string, b problem.Block, t int) []float64
}

// given is Given, which may be nil.
func (c *Context[T]) given(what string, b problem.Block, t int) []float64 {
	if c.Given == nil {
		return nil
	}
	return c.Given(what, b, t)
}

// on is the context for a part that acts on some of the blocks, with noise of its
// own.
func (c *Context[T]) on(blocks []problem.Block, name string) *Context[T] {
	part := *c
	noise := rng.At(c.Seed, name, 0)
	part.Blocks, part.Seed = blocks, noise.Uint64()
	return &part
}

// A part is what every constructor in the catalogue returns: a stepper whose whole
// memory can be saved.
type part[T problem.Float] interface {
	Stepper[T]
	Memory
}
