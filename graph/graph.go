package graph

import (
	"fmt"
	"slices"
	"strings"

	"basin/problem"
)

// Float is the precision in which a plan computes.
type Float = problem.Float

// A Graph is a growing list of nodes, each after its arguments. Methods that add a
// node never fail: they note what is wrong, with the scope it happened in, and go
// on; Err reports all of it.
type Graph struct {
	nodes  []*Node
	inputs int
	scope  string
	errs   []string
	table  *[numOps]row
	// reduce, if any, gives a cheaper node for one just added, or nil.
	reduce func(g *Graph, n *Node) *Node
}

// New returns an empty graph.
func New() *Graph { return &Graph{table: &table} }

// Scope names the part of the network that is built from here on, for errors and
// dumps.
func (g *Graph) Scope(name string) { g.scope = name }

// Err reports everything that went wrong in building, in one line.
func (g *Graph) Err() error {
	if len(g.errs) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(g.errs, "; "))
}

// A Node is one array of a graph. It never changes.
type Node struct {
	op    opcode
	row   *row
	id    int
	args  []*Node
	shape Shape
	attr  attr
	scope string
}

// attr is what an op needs to know beside its arguments; most use none of it.
type attr struct {
	name   string  // input, labels: what messages call it; noise: its stream
	slot   int     // input, labels: place among the graph's inputs; part: number of the out; join_moments: which moment
	dims   Shape   // input, labels, broadcast, reshape, noise, avg_pool_input: the shape; adjoints of conv: height, width
	axes   []int   // sum, sum_parts: axes summed over; transpose: the order of axes; standardize: the axis
	ta, tb bool    // matmul: factor is transposed
	num    float64 // const: value; sum: factor; pow: exponent; standardize, join_moments: eps; noise: keep
	width  int     // scatter: length of a row; embed_grad: rows of the table; join_moments: rows
	heads  int     // attention, heads, merge_heads: number of heads
	part   int     // heads, merge_heads: which of the parts of the last axis
	parts  int
	window window  // conv and its adjoints, pooling
	region *region // fused: what it computes
}

// Shape gives the node's shape. It must not be changed.
func (n *Node) Shape() Shape { return n.shape }

// ok is false for what stands in for a node that could not be made.
func (n *Node) ok() bool { return n.op != opInvalid }

func (g *Graph) errorf(what, format string, args ...any) *Node {
	msg := what + ": " + fmt.Sprintf(format, args...)
	if g.scope != "" {
		msg = g.scope + ": " + msg
	}
	g.errs = append(g.errs, msg)
	return &Node{row: &g.table[opInvalid]}
}

// add makes a node. What follows from an earlier error is not reported again.
func (g *Graph) add(op opcode, a attr, args ...*Node) *Node {
	row := &g.table[op]
	for i, arg := range args {
		switch {
		case !arg.ok():
			return arg
		case arg.id >= len(g.nodes) || g.nodes[arg.id] != arg:
			panic("graph: node of another graph")
		case (arg.op == opLabels) != (i == row.labels-1):
			return g.errorf(row.name, "argument %d is %v, which holds %s", i+1, arg, arg.content())
		}
	}
	n := &Node{op: op, row: row, id: len(g.nodes), args: args, attr: a, scope: g.scope}
	shape, err := row.shape(n)
	if err != nil {
		return g.errorf(row.name, "%v", err)
	}
	n.shape = shape
	g.nodes = append(g.nodes, n)
	if g.reduce != nil {
		if m := g.reduce(g, n); m != nil {
			return m
		}
	}
	return n
}

func (n *Node) content() string {
	if n.op == opLabels {
		return "labels, not numbers"
	}
	return "numbers, not labels"
}

// Input adds an array that each run is given.
func (g *Graph) Input(name string, dims ...int) *Node { return g.input(opInput, name, dims) }

// Labels adds an array of n class labels, counted from 0, that each run is given.
func (g *Graph) Labels(name string, n int) *Node { return g.input(opLabels, name, []int{n}) }

func (g *Graph) input(op opcode, name string, dims []int) *Node {
	n := g.add(op, attr{name: name, slot: g.inputs, dims: slices.Clone(dims)})
	if n.ok() {
		g.inputs++
	}
	return n
}
