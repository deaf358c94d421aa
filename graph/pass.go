package graph

import (
	"fmt"
	"slices"
)

// A pass makes a program of the same outputs.
type pass struct {
	name  string
	about string
	run   func(*Program) *Program
}

// passes in the order they run in.
var passes = ordered([]pass{
	{"simplify", "replaces expressions by cheaper ones of equal value", simplify},
	{"cse", "computes once what is written in several places", cse},
	{"early deadcode", "leaves out what no result needs", deadcode},
	{"columns", "normalises long columns in parts and elementwise", standardizeColumns},
	{"partition", "cuts long sums into parts that can be computed apart", partition},
	{"fuse", "joins two operations where one loop can do both", fuse},
	{"late deadcode", "leaves out what the joined operations have replaced", deadcode},
	{"regions", "computes elementwise operations together, block by block in the cache", regions},
	{"outputs", "gives each result memory of its own", ownOutputs},
}, order)

// order says which pass must come before which, and why.
var order = []constraint{
	{"simplify", "cse", "what was written in two ways is one expression only when simplified"},
	{"simplify", "early deadcode", "simplifying leaves nodes without use"},
	{"cse", "early deadcode", "so does merging"},
	{"early deadcode", "fuse", "fusing asks whether a node has one use, so the useless must not count"},
	{"cse", "fuse", "a fused op hides its parts from cse"},
	{"cse", "partition", "a sum that is written twice is cut once"},
	{"early deadcode", "columns", "sums are told by what they are of, which merging has made one"},
	{"columns", "partition", "it writes sums of long columns"},
	{"partition", "regions", "a region takes in sums of parts"},
	{"fuse", "late deadcode", "the parts of a fused op are left behind"},
	{"late deadcode", "regions", "a region keeps what has uses outside it, so the useless must not count"},
	{"regions", "outputs", "what outputs adds must stay as it is"},
}

type constraint struct{ before, after, why string }

// ordered returns the passes, or panics if they are not in order.
func ordered(list []pass, order []constraint) []pass {
	place := map[string]int{}
	for i, p := range list {
		if _, twice := place[p.name]; twice {
			panic("graph: two passes named " + p.name)
		}
		place[p.name] = i
	}
	for _, c := range order {
		before, ok1 := place[c.before]
		after, ok2 := place[c.after]
		if !ok1 || !ok2 || before >= after {
			panic(fmt.Sprintf("graph: pass %s must come before %s: %s", c.before, c.after, c.why))
		}
	}
	return list
}

// A Stage is a program as it is after a pass; the first is named "start".
type Stage struct {
	Pass    string
	About   string // what the pass does, to be read after its name
	Program *Program
}

// Stages runs all passes on what the outputs need.
func (g *Graph) Stages(outputs ...*Node) []Stage { return newProgram(g, outputs).stages(passes) }

func (p *Program) stages(passes []pass) []Stage {
	stages := []Stage{{"start", "is the graph as the model and the derivatives have written it", p}}
	for _, pass := range passes {
		p = pass.run(p)
		if err := p.check(); err != nil {
			panic(fmt.Sprintf("graph: after pass %s: %v", pass.name, err))
		}
		stages = append(stages, Stage{pass.name, pass.about, p})
	}
	return stages
}

// after gives the program that passes leave.
func (p *Program) after(passes []pass) *Program {
	stages := p.stages(passes)
	return stages[len(stages)-1].Program
}

// before lists the passes that come before one.
func before(name string) []pass {
	return passes[:slices.IndexFunc(passes, func(p pass) bool { return p.name == name })]
}
