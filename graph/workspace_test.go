package graph

import (
	"slices"
	"testing"

	"basin/internal/crew"
	"basin/rng"
)

// Every op, its gradient and the derivative of that have the same bits whether workers
// share what they can or one does all, and every op that says it splits is met.
func TestSharedOps(t *testing.T) {
	c := crew.New(2)
	defer c.Close()
	split := map[opcode]bool{}
	eachCase(t, func(t *testing.T, oc opCase, x [][]float64, s *rng.Stream) {
		if len(x) == 0 {
			return
		}
		g, y, in := oc.graph()
		u, v := inputsLike(g, "u", []*Node{y}), inputsLike(g, "v", in)
		grad := g.Cotangent([]*Node{y}, u, in)
		outputs := append(append([]*Node{y}, grad...), g.Tangent(grad, in, v)...)
		args := slices.Concat(in, u, v)
		x = append(x[:len(x):len(x)], drawn(s, y.shape.Len(), normal))
		for _, n := range v {
			x = append(x, drawn(s, n.shape.Len(), normal))
		}
		for _, outputs := range [][]*Node{outputs, outputs[:1]} { // what is joined with a gradient is met alone, too
			alone, shared := newFunction[float64](t, g, oc.labels, args, outputs...), newFunction[float64](t, g, oc.labels, args, outputs...)
			shareAll(shared.plan)
			shared.work.Use(c)
			for _, s := range shared.plan.steps {
				split[s.n.op] = split[s.n.op] || s.pieces > 1
			}
			want := alone.at(x...)
			for k, got := range shared.at(x...) {
				if !slices.Equal(got, want[k]) {
					t.Errorf("output %d: shared %v, alone %v\n%v", k, got, want[k], shared.plan)
				}
			}
		}
	})
	for op := range table {
		// Sums of parts, regions and moments take larger arrays: TestRegionsKeepBits and
		// TestColumnsArePrecise.
		if r := &table[op]; r.split != nil && r.own == nil && opcode(op) != opColumnMoments && !split[opcode(op)] {
			t.Errorf("%s is never split", r.name)
		}
	}
}
