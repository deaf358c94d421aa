package optim

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"basin/problem"
	"basin/recipe"
)

var splitDoc = Doc{
	Name:      "split",
	Family:    "combination",
	Summary:   "Different rules for different blocks.",
	Equations: `d on a block = what the first part that takes the block makes of it`,
	Notes: []string{
		"Besides the named parts there may be any number of when(\"regexp\", rule), for the blocks whose names it matches. Blocks are of one layer if their names agree up to the last dot.",
		"A block goes to the first part, as written, that takes it, and to rest if none does, wherever rest is written. A block that no part takes is an error, and so is a part that fits no block, other than rest.",
		"Each part sees its own blocks alone: in split(rest=clip_norm(1) | sgd) the norm is that of the rest.",
	},
	Memory:    "that of the parts",
	Gradients: 1,
	Example:   `split(matrix=muon(lr=0.02), rest=adamw(lr=3e-4))`,
}

// splitSettings are the arguments of split in the order written, rest last.
type splitSettings struct{ parts []splitPart }

type splitPart struct {
	name    string // of splitNamed, or "when"
	pattern *regexp.Regexp
	rule    Rule
}

// splitNamed are the named parts, and which blocks each takes out of all.
var splitNamed = []struct {
	name, help string
	takes      func(b problem.Block, all []problem.Block) bool
}{
	{"matrix", "rule for weights of two or more dimensions", func(b problem.Block, _ []problem.Block) bool { return isMatrix(b) }},
	{"weight", "rule for weights", func(b problem.Block, _ []problem.Block) bool { return b.Role == problem.Weight }},
	{"bias", "rule for biases", func(b problem.Block, _ []problem.Block) bool { return b.Role == problem.Bias }},
	{"gain", "rule for gains", func(b problem.Block, _ []problem.Block) bool { return b.Role == problem.Gain }},
	{"embedding", "rule for embeddings", func(b problem.Block, _ []problem.Block) bool { return b.Role == problem.Embedding }},
	{"first", "rule for the blocks of the first layer", func(b problem.Block, all []problem.Block) bool { return layer(b) == layer(all[0]) }},
	{"last", "rule for the blocks of the last layer", func(b problem.Block, all []problem.Block) bool { return layer(b) == layer(all[len(all)-1]) }},
	{"rest", "rule for all other blocks", func(problem.Block, []problem.Block) bool { return true }},
}

func (s *splitSettings) inner() []*Optimizer {
	var list []*Optimizer
	for _, p := range s.parts {
		list = append(list, p.rule.o)
	}
	return list
}

// params describes the named parts.
func (s *splitSettings) params() []recipe.Param {
	var params []recipe.Param
	for _, n := range splitNamed {
		params = append(params, recipe.Param{Name: n.name, Kind: "rule", Help: n.help})
	}
	return params
}

// layer is the part of a block's name that it shares with the others of its layer.
func layer(b problem.Block) string {
	if i := strings.LastIndexByte(b.Name, '.'); i >= 0 {
		return b.Name[:i]
	}
	return b.Name
}

// BindCall reads the parts.
func (s *splitSettings) BindCall(c recipe.Call) error {
	s.parts = nil
	var rest []splitPart
	for _, a := range c.Args {
		p, err := readPart(a)
		switch {
		case err != nil:
			return err
		case p.name == "rest":
			rest = append(rest, p)
		default:
			s.parts = append(s.parts, p)
		}
	}
	if s.parts = append(s.parts, rest...); len(s.parts) == 0 {
		return recipe.Errorf(c.Col, "split needs parts, as in split(matrix=muon, rest=adamw)")
	}
	return nil
}

func readPart(a recipe.Arg) (splitPart, error) {
	if a.Name == "" {
		return readWhen(a)
	}
	if _, ok := takes(a.Name); !ok {
		var known []string
		for _, n := range splitNamed {
			known = append(known, n.name)
		}
		return splitPart{}, recipe.Errorf(a.Col, "%s", recipe.Unknown("part of split", a.Name, known))
	}
	p := splitPart{name: a.Name}
	err := p.setRule(a)
	return p, err
}

// readWhen reads a part of the form when("regexp", rule).
func readWhen(a recipe.Arg) (splitPart, error) {
	p := splitPart{name: "when"}
	r, _ := a.Value.(recipe.Recipe)
	if len(r) != 1 || r[0].Name != "when" || len(r[0].Args) != 2 || r[0].Args[0].Name != "" || r[0].Args[1].Name != "" {
		return p, recipe.Errorf(a.Col, `a part of split without a name must be when("regexp", rule), found %v`, a.Value)
	}
	first, second := r[0].Args[0], r[0].Args[1]
	pattern, ok := first.Value.(recipe.String)
	if !ok {
		return p, recipe.Errorf(first.Col, `the first argument of when must be a regexp in quotes, found %v`, first.Value)
	}
	var err error
	if p.pattern, err = regexp.Compile(string(pattern)); err != nil {
		return p, recipe.Errorf(first.Col, "pattern %v of when is not a regular expression: %s", pattern, regexpFault(err))
	}
	err = p.setRule(second)
	return p, err
}

// regexpFault is what is wrong with a pattern.
func regexpFault(err error) string {
	if e, ok := errors.AsType[*syntax.Error](err); ok {
		return e.Code.String()
	}
	return err.Error()
}

// setRule takes the rule of the part from an argument.
func (p *splitPart) setRule(a recipe.Arg) error {
	err := p.rule.SetRecipe(a.Value)
	if _, located := err.(*recipe.Error); err != nil && !located {
		return recipe.Errorf(a.ValueCol, "%s of split %v", p.name, err)
	}
	return err
}

// takes tells which blocks a named part takes.
func takes(name string) (func(b problem.Block, all []problem.Block) bool, bool) {
	for _, n := range splitNamed {
		if n.name == name {
			return n.takes, true
		}
	}
	return nil, false
}

// Call is the inverse of BindCall.
func (s *splitSettings) Call(name string) recipe.Call {
	c := recipe.Call{Name: name}
	for _, p := range s.parts {
		if p.pattern == nil {
			c.Args = append(c.Args, recipe.Arg{Name: p.name, Value: p.rule.Recipe()})
			continue
		}
		when := recipe.Call{Name: "when", Args: []recipe.Arg{{Value: recipe.String(p.pattern.String())}, {Value: p.rule.Recipe()}}}
		c.Args = append(c.Args, recipe.Arg{Value: recipe.Recipe{when}})
	}
	return c
}

func (p splitPart) takes(b problem.Block, all []problem.Block) bool {
	if p.pattern != nil {
		return p.pattern.MatchString(b.Name)
	}
	take, _ := takes(p.name)
	return take(b, all)
}

// String is the part as an error shows it, without its rule.
func (p splitPart) String() string {
	if p.pattern != nil {
		return fmt.Sprintf("when(%q)", p.pattern)
	}
	return p.name
}

// split is its parts side by side, each on its own blocks.
type split[T problem.Float] struct{ parts[T] }

func newSplit[T problem.Float](s *splitSettings, c *Context[T]) (part[T], error) {
	taken := make([][]problem.Block, len(s.parts))
	for _, b := range c.Blocks {
		i := slices.IndexFunc(s.parts, func(p splitPart) bool { return p.takes(b, c.Layout.Blocks) })
		if i < 0 {
			return nil, fmt.Errorf("no part takes the block %s; give one to the rest, as in rest=adamw", b.Name)
		}
		taken[i] = append(taken[i], b)
	}
	var made split[T]
	for i, p := range s.parts {
		if len(taken[i]) == 0 {
			fits := func(b problem.Block) bool { return p.takes(b, c.Layout.Blocks) }
			if p.name != "rest" && !slices.ContainsFunc(c.Blocks, fits) {
				return nil, fmt.Errorf("%v fits none of the blocks %s; leave it out", p, blockNames(c.Blocks))
			}
			continue
		}
		st, err := build(p.rule.o, c.on(taken[i], fmt.Sprintf("split/%d", i)))
		if err != nil {
			return nil, err
		}
		made.parts = append(made.parts, st)
	}
	return answering(part[T](made), c.Blocks, made.parts...), nil
}

func (s split[T]) Step(st *Step[T]) {
	for _, p := range s.parts {
		p.Step(st)
	}
}

func blockNames(blocks []problem.Block) string {
	var names []string
	for _, b := range blocks {
		names = append(names, b.Name)
	}
	return strings.Join(names, ", ")
}
