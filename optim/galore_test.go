package optim

import (
	"fmt"
	"math"
	"testing"

	"basin/problem"
)

// The first step is, in the space of the first singular vectors, the sign of what the
// gradient is there, and in that space alone.
func TestGaLoreFirstStep(t *testing.T) {
	for _, shape := range [][]int{{5, 3}, {3, 5}, {4, 4}} {
		rows, cols := shape[0], shape[1]
		g := withValues(t, rows, cols, []float64{4, 3, 1})
		for rank := 1; rank <= 7; rank++ {
			l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: shape})
			st, d := stepper[float64](t, fmt.Sprintf("galore_adamw(lr=2, rank=%d, eps=0, scale=0.5)", rank), l), append([]float64(nil), g...)
			st.Step(&Step[float64]{T: 1, X: make([]float64, len(g)), D: d})
			b := st.(*galore[float64]).blocks[0]
			r := min(rank, rows, cols)
			if b.rank != r || len(b.p) != r*min(rows, cols) {
				t.Fatalf("%v, rank %d: the projection has rank %d and %d numbers", shape, rank, b.rank, len(b.p))
			}
			n, short := cols, func(i, k int) float64 { return b.p[k*cols+i] }
			if rows < cols {
				n, short = rows, func(i, k int) float64 { return b.p[i*r+k] }
			}
			entry := func(m []float64, long, i int) float64 { // of the longer and the shorter side
				if rows < cols {
					long, i = i, long
				}
				return m[long*cols+i]
			}
			for long := range max(rows, cols) {
				for i := range n {
					want := 0.0
					for k := range r {
						dot := 0.0
						for j := range n {
							dot += entry(g, long, j) * short(j, k)
						}
						want -= math.Copysign(short(i, k), dot*short(i, k))
					}
					if got := entry(d, long, i); math.Abs(got-want) > 1e-10 && r <= 3 {
						t.Fatalf("%v, rank %d: entry %d, %d moves by %v, want %v", shape, rank, long, i, got, want)
					}
				}
			}
			for k := range r {
				most, at := 0.0, 0
				for i := range n {
					if math.Abs(short(i, k)) > most {
						most, at = math.Abs(short(i, k)), i
					}
				}
				if short(at, k) < 0 {
					t.Errorf("%v, rank %d: the largest entry of vector %d is negative", shape, rank, k)
				}
			}
		}
	}
}

// Of a projector that is given the signs count, and not that it has few digits; one with
// other vectors counts as it is.
func TestGaLoreGiven(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{2, 2}})
	o := optimizer(t, "galore_adamw(rank=1)")
	for _, c := range []struct{ given, want []float64 }{
		{[]float64{-0.6, -0.8}, []float64{-0.6, -0.8}},
		{[]float64{-0.60000001, -0.79999999}, []float64{-0.6, -0.8}},
		{[]float64{1, 0}, []float64{1, 0}},
	} {
		st, err := New(o, &Context[float64]{Layout: l, Blocks: l.Blocks, Start: make([]float64, 4),
			Given: func(string, problem.Block, int) []float64 { return c.given }})
		if err != nil {
			t.Fatal(err)
		}
		st.Step(&Step[float64]{T: 1, X: make([]float64, 4), D: []float64{0.6, 0.8, 1.2, 1.6}})
		for i, v := range st.(*galore[float64]).blocks[0].p {
			if math.Abs(v-c.want[i]) > 1e-14 {
				t.Errorf("given %v: P is %v, want %v", c.given, st.(*galore[float64]).blocks[0].p, c.want)
			}
		}
	}
}
