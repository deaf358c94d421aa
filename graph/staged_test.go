package graph

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"basin/rng"
)

// A staged plan gives what the plan of one stage gives, whichever inputs are late: also
// when these have changed since the first stage, while the workspace was used by
// others. Where passes join other ops than in one stage, roundings differ.
func TestStagedIsTheSame(t *testing.T) {
	for seed := range randomGraphs {
		s := rng.At(uint64(seed), "staged", 0)
		g, outputs := randomGraph(&s)
		in, labels := values(g, &s)
		var late []*Node
		for _, n := range g.nodes {
			if (n.op == opInput || n.op == opLabels) && s.IntN(3) == 0 {
				late = append(late, n)
			}
		}
		staged, whole := CompileStaged[float64](g, late, outputs...), Compile[float64](g, outputs...)
		if err := staged.late.program.check(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		dirt := func() *Workspace[float64] {
			return &Workspace[float64]{arena: slices.Repeat([]float64{math.NaN()}, max(staged.Room(), whole.Room()))}
		}
		bind := func() {
			for _, n := range g.nodes {
				switch n.op {
				case opInput:
					staged.Bind(n, in[n.attr.slot])
					whole.Bind(n, in[n.attr.slot])
				case opLabels:
					staged.BindLabels(n, labels)
					whole.BindLabels(n, labels)
				}
			}
		}
		bind()
		kept := slices.Repeat([]float64{math.NaN()}, staged.Keeps())
		staged.Prepare(dirt(), kept)
		for round := range 3 {
			for _, n := range late {
				if n.op == opLabels {
					labels = []int{s.IntN(3), s.IntN(3), s.IntN(3)}
				} else {
					in[n.attr.slot] = drawn(&s, n.shape.Len(), normal)
				}
			}
			bind()
			got, want := make([][]float64, len(outputs)), make([][]float64, len(outputs))
			for k, n := range outputs {
				got[k], want[k] = make([]float64, n.shape.Len()), make([]float64, n.shape.Len())
				staged.BindOutput(k, got[k])
				whole.BindOutput(k, want[k])
			}
			staged.Run(dirt(), kept)
			whole.Run(dirt())
			for k := range got {
				compare(t, fmt.Sprintf("seed %d, round %d: output %d", seed, round, k), got[k], want[k], 1e-13)
			}
		}
		if a, b := staged.Flops(); math.Abs(a+b-whole.Flops()) > 1e-9*whole.Flops() {
			t.Errorf("seed %d: %v and %v flops, together %v", seed, a, b, whole.Flops())
		}
	}
}

// The products of a Hessian leave the value, the gradient and all else that does not
// depend on the direction to the first stage.
func TestStagedHessian(t *testing.T) {
	const b, n, m, c = 64, 50, 40, 30
	g := New()
	x, labels := g.Input("x", b, n), g.Labels("labels", b)
	w := []*Node{g.Input("w1", m, n), g.Input("w2", c, m)}
	v := inputsLike(g, "v", w)
	loss := g.Mean(g.CrossEntropy(g.MatMul(g.Tanh(g.MatMul(x, w[0], false, true)), w[1], false, true), labels))
	plan := CompileStaged[float32](g, v, g.Tangent(g.Gradient(loss, w...), w, v)...)
	prepare, run := plan.Flops()
	// The first layer has two products of matrices, the second one six, of which
	// forward and backward each two, besides one of value and one of adjoints.
	first, second := 2.0*b*n*m, 2.0*b*m*c
	if want := first + 2*second; prepare < want || prepare > 1.15*want {
		t.Errorf("the first stage takes %v operations, its products of matrices %v", prepare, want)
	}
	if want := 2*first + 6*second; run < want || run > 1.15*want {
		t.Errorf("the second stage takes %v operations, its products of matrices %v", run, want)
	}
	// Activations and adjoints of the hidden layer with what the second derivatives
	// of tanh need, probabilities and adjoints of the outputs.
	if most := 5*b*m + 3*b*c; plan.Keeps() > most {
		t.Errorf("keeps %d numbers, expected at most %d:\n%v\n%v", plan.Keeps(), most, plan.early, plan.late)
	}
}

func TestStagedAllocatesNothing(t *testing.T) {
	g := New()
	x, w, v := g.Input("x", 8, 8), g.Input("w", 8, 8), g.Input("v", 8, 8)
	h := g.Sum(g.Square(g.Tanh(g.MatMul(x, w, false, true))))
	plan := CompileStaged[float32](g, []*Node{v}, g.Tangent(g.Gradient(h, w), []*Node{w}, []*Node{v})[0])
	data := make([]float32, 64)
	for _, n := range []*Node{x, w, v} {
		plan.Bind(n, data)
	}
	plan.BindOutput(0, make([]float32, 64))
	var work Workspace[float32]
	kept := make([]float32, plan.Keeps())
	both := func() {
		plan.Prepare(&work, kept)
		plan.Run(&work, kept)
	}
	both()
	if n := testing.AllocsPerRun(20, both); n != 0 {
		t.Errorf("%v allocations per run", n)
	}
}
