package nn

import (
	"slices"

	"basin/graph"
	"basin/recipe"
)

// An Architecture is the settings of a model, a struct with recipe tags.
type Architecture interface {
	// Build adds the network to b, from its inputs x, (b.Rows, b.Input.Shape...) or,
	// for tokens, labels of b.Rows times as many as an example has. It returns the
	// outputs, predictions x b.Outputs: one prediction per example, or one for each of
	// its tokens.
	Build(b *Builder, x *graph.Node) *graph.Node
}

// An Entry is a model in the catalogue.
type Entry struct {
	Name      string
	Help      string // one line
	Equations string
	Source    string
	Notes     []string            // what else to know, a sentence or two each
	Example   string              // arguments of basin compare
	New       func() Architecture // settings, to be bound; a pointer to a struct
}

// A Model is an architecture with its settings bound.
type Model struct {
	name string
	arch Architecture
}

// ParseModel binds a recipe such as mlp(128, 64, act=tanh). Errors are
// *recipe.Error and point into source.
func ParseModel(source string, c recipe.Call) (Model, error) {
	i := slices.IndexFunc(Catalog, func(e Entry) bool { return e.Name == c.Name })
	if i < 0 {
		var names []string
		for _, e := range Catalog {
			names = append(names, e.Name)
		}
		err := recipe.Errorf(c.Col, "%s", recipe.Unknown("model", c.Name, names))
		err.Source = source
		return Model{}, err
	}
	m := Model{name: c.Name, arch: Catalog[i].New()}
	if err := recipe.Bind(source, c, m.arch); err != nil {
		return Model{}, err
	}
	return m, nil
}

// Context is how many tokens an example of a model of tokens has, and 0 for a model of
// numbers. Such a model's architecture has a method context.
func (m Model) Context() int {
	if a, ok := m.arch.(interface{ context() int }); ok {
		return a.context()
	}
	return 0
}

// Recipe is the canonical form, with every setting written out.
func (m Model) Recipe() recipe.Call { return recipe.Format(m.name, m.arch) }

func (m Model) String() string { return m.Recipe().String() }

// Linear tells whether the model is a linear function of its inputs, without offset,
// that can be any such function with one output. Its architecture has a method
// isLinear.
func (m Model) Linear() bool {
	a, ok := m.arch.(interface{ isLinear() bool })
	return ok && a.isLinear()
}
