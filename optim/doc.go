package optim

import "basin/recipe"

// A Doc is what a rule says of itself, once, in its own file: `basin show` prints
// it and the shared tests hold the rule to it.
type Doc struct {
	Name    string
	Aliases []string
	Family  string // one of Families
	Summary string // one sentence
	// Equations are those of one step in the names of the arguments. x is the
	// point, g the gradient (or what the link before made of it), t the number of
	// the step from 1, d the change to x; memory starts at zero.
	Equations string
	Source    string   // authors, year, title, identifier, number of the algorithm
	Notes     []string // conventions, and where they differ from other libraries
	// Blocks, Clipping, Decay, Epsilon and Correction say in a phrase each what is done
	// to which blocks, what is cut short, and where weight decay, eps and the correction
	// for moments that start at zero act; empty where there is no such thing, and Blocks
	// where all blocks are treated alike.
	Blocks, Clipping, Decay, Epsilon, Correction string

	// EndsAt says where a rule comes to rest, or that it does not, if it is not at a
	// minimum of the loss, as with noise, a penalty or a constraint.
	EndsAt string

	// Answer is at what point the rule answers, empty where that is the one it trains at.
	// A rule has one if and only if its stepper is an Averager.
	Answer string
	Memory string // what is kept from step to step
	// Gradients is how many a step takes, the one it is given included, and Products
	// how many products with a curvature matrix, on average and at the defaults. In a
	// combination they are what the combination adds to its parts. Settings on which
	// they depend say so themselves (see gauge).
	Gradients, Products float64
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
	// Rescaling multiplies each block by a positive number of its own, as between the
	// layers of a ReLU network, whose function it can leave as it is.
	Rescaling Invariance = "rescaling of blocks"
)

// Families are the kinds of rules, in the order of lists.
var Families = []string{
	"descent", "adaptive", "sign", "normalised", "matrix", "curvature", "flat", "parameter-free",
	"reparametrised", "averaged", "noisy", "continual", "transform", "combination",
}

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
		docs[i].Family = "schedule"
		docs[i].Params = recipe.Describe(s.settings())
	}
	return docs
}
