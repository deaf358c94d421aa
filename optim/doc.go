package optim

import "basin/recipe"

// A Doc is what a rule says of itself, once, in its own file: `basin show` prints
// it and the shared tests hold the rule to it.
type Doc struct {
	Name    string
	Aliases []string
	Family  string // "descent", "adaptive", "sign", "matrix", "flat", "transform" or "combination"
	Summary string // one sentence
	// Equations are those of one step in the names of the arguments. x is the
	// point, g the gradient (or what the link before made of it), t the number of
	// the step from 1, d the change to x; memory starts at zero.
	Equations string
	Source    string   // authors, year, title, identifier, number of the algorithm
	Notes     []string // conventions, and where they differ from other libraries
	Memory    string   // what is kept from step to step
	// Gradients is how many a step takes, the one it is given included. In a
	// combination it is what the combination adds to its parts.
	Gradients float64
	// Invariances are those of the example on weight matrices with eps = 0 and
	// weight_decay = 0, to rounding.
	Invariances []Invariance
	Example     string // a recipe
	Params      []recipe.Param
}

// An Invariance is a change of the problem that a rule does not notice: it finds
// the same functions along the way.
type Invariance string

const (
	// LossScale multiplies the loss by a positive number.
	LossScale Invariance = "loss scale"
	// Rotation multiplies a matrix block by orthogonal matrices from both sides.
	Rotation Invariance = "rotation"
	// SignedPermutation permutes all coordinates and flips signs of some.
	SignedPermutation Invariance = "signed permutation"
)

// Describe gives what the rule of that name, or alias, says of itself.
func Describe(name string) (Doc, bool) {
	e, ok := lookup(name)
	if !ok {
		return Doc{}, false
	}
	d := e.Doc
	if s, ok := e.settings().(interface{ params() []recipe.Param }); ok {
		d.Params = s.params()
	} else {
		d.Params = recipe.Describe(e.settings())
	}
	return d, true
}

// Names lists the catalogue, in its order.
func Names() []string {
	names := make([]string, len(catalog))
	for i, e := range catalog {
		names[i] = e.Name
	}
	return names
}

// Schedules describes the schedules that arguments such as lr take instead of a number.
func Schedules() []Doc {
	docs := make([]Doc, len(schedules))
	for i, s := range schedules {
		docs[i] = s.Doc
		docs[i].Params = recipe.Describe(s.settings())
	}
	return docs
}
