package probe

import (
	"fmt"
	"slices"

	"basin/recipe"
	"basin/stat"
)

// A Probe is a struct of settings that measures one family of properties. An error
// is the reason why the readings not yet taken have no value; it is no failure of
// the pass.
type Probe interface {
	Measure(p *Pass) error
}

// A Bound is a probe, or a measure between solutions, with its settings.
type Bound struct {
	Doc      *Doc
	settings any
	line     *line
	call     recipe.Call
}

// Recipe is the canonical recipe, every argument written out.
func (b Bound) Recipe() string { return recipe.Recipe{b.call}.String() }

// Single tells that b is a Probe, which measures one solution, and not two.
func (b Bound) Single() bool { return b.Doc.Pairs == "" }

// Measure takes the readings of a probe, every one that it declares: where a
// value does not exist, a reading without value says why.
func (b Bound) Measure(p *Pass) ([]stat.Reading, error) {
	p.taken = taken{doc: b.Doc}
	return p.complete(b.settings.(Probe).Measure(p))
}

// Sketch takes what a measure between solutions compares from one of them.
func (b Bound) Sketch(p *Pass) Sketch {
	s, err := b.line.sketch(b.settings, p)
	if err != nil {
		return lacking{err}
	}
	return s
}

// Between takes the readings of a measure between solutions, every one that it declares, from its
// Sketches of two.
func (b Bound) Between(p *Pair, first, second Sketch) ([]stat.Reading, error) {
	p.taken = taken{doc: b.Doc}
	for _, s := range []Sketch{first, second} {
		if l, ok := s.(lacking); ok {
			return p.complete(l.why)
		}
	}
	return p.complete(b.line.between(b.settings, p, first, second))
}

// Resolve binds probes by their recipes. The word default stands for those of
// Default, the word all for those of All. Asking for a probe twice is an error, since its readings would have the
// same names. Measures between solutions are resolved alike.
func Resolve(recipes []recipe.Recipe) ([]Bound, error) {
	var all []Bound
	for _, r := range recipes {
		if len(r) != 1 {
			return nil, &recipe.Error{Source: r.String(), Msg: "a probe is a single call, not a chain"}
		}
		c := r[0]
		switch word, _ := recipe.AsWord(r); word {
		case "default":
			all = append(all, Default()...)
			continue
		case "all":
			all = append(all, All()...)
			continue
		}
		e := find(c.Name)
		if e == nil {
			return nil, &recipe.Error{Source: source(r), Col: c.Col, Msg: recipe.Unknown("probe", c.Name, append(Names(), "default", "all"))}
		}
		b, err := e.bind(source(r), c)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	for i, b := range all {
		if j := slices.IndexFunc(all, func(other Bound) bool { return other.Doc == b.Doc }); j < i {
			return nil, fmt.Errorf("probe %s is asked for twice, as %s and %s; give it once", b.Doc.Name, all[j].Recipe(), b.Recipe())
		}
	}
	return all, nil
}

func source(r recipe.Recipe) string {
	if r[0].Source != "" {
		return r[0].Source
	}
	return r.String()
}

// Headlines gives the names of the readings that the probes' default table shows.
func Headlines(probes []Bound) []string {
	var names []string
	for _, b := range probes {
		for _, d := range b.Doc.Readings {
			if d.Headline {
				names = append(names, d.Name)
			}
		}
	}
	return names
}

// Likenesses gives the readings between every two solutions of which atlases are drawn.
func Likenesses(probes []Bound) []Reading {
	var list []Reading
	for _, b := range probes {
		for _, d := range b.Doc.Readings {
			if d.Headline && b.Doc.Pairs == Everyone {
				list = append(list, d)
			}
		}
	}
	return list
}

// Describe gives what is known of the probe of a name: its own description and its
// arguments.
func Describe(name string) (*Doc, []recipe.Param, error) {
	e := find(name)
	if e == nil {
		return nil, nil, &recipe.Error{Msg: recipe.Unknown("probe", name, Names())}
	}
	return e.doc, recipe.Describe(e.settings()), nil
}
