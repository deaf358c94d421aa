package problem

import "testing"

type bare struct{ Objective[float64] }

type predictor struct{ bare }

func (predictor) LossKind() LossKind            { return Squared }
func (predictor) Size() (examples, outputs int) { return 3, 2 }
func (predictor) Outputs(dst, x []float64)      {}
func (predictor) Labels() []int                 { return nil }

type wrapper struct {
	Objective[float64]
}

func (w wrapper) Unwrap() Objective[float64] { return w.Objective }

func TestAsLooksThroughWrappers(t *testing.T) {
	p, ok := As[Predictor[float64]](Objective[float64](wrapper{wrapper{predictor{}}}))
	if !ok || p.LossKind() != Squared {
		t.Error("an ability is lost behind wrappers")
	}
	if _, ok := As[Hidden[float64]](Objective[float64](wrapper{predictor{}})); ok {
		t.Error("an ability that is not there is found")
	}
	if _, ok := As[Predictor[float64]](Objective[float64](bare{predictor{}})); ok {
		t.Error("an ability is found behind what is no wrapper")
	}
}

func TestLayout(t *testing.T) {
	l := NewLayout(
		Block{Name: "w", Shape: []int{2, 3}},
		Block{Name: "b", Role: Bias, Shape: []int{2}},
		Block{Name: "k", Shape: []int{4, 2, 3, 3}},
		Block{Name: "s", Shape: nil},
	)
	if l.N != 6+2+72+1 || l.Blocks[2].Off != 8 || l.Blocks[3].Len() != 1 {
		t.Errorf("layout %+v", l)
	}
	if rows, cols, ok := l.Blocks[2].Matrix(); rows != 4 || cols != 18 || !ok {
		t.Errorf("a kernel as a matrix: %d x %d, %v", rows, cols, ok)
	}
	if _, _, ok := l.Blocks[1].Matrix(); ok {
		t.Error("a vector is taken for a matrix")
	}
	x := make([]float32, l.N)
	v := View(x, l.Blocks[1])
	v = append(v, 7) // must not reach into the next block
	if x[8] != 0 || len(v) != 3 {
		t.Error("a view reaches beyond its block")
	}
}

func TestRoles(t *testing.T) {
	for _, r := range []Role{Weight, Bias, Gain, Embedding} {
		if got, ok := ParseRole(r.String()); got != r || !ok {
			t.Errorf("role %v reads back as %v", r, got)
		}
	}
	if _, ok := ParseRole("nothing"); ok {
		t.Error("an unknown role is taken")
	}
}

func TestGradEquivalents(t *testing.T) {
	c := Cost{Losses: 3, Grads: 2, Products: 4}
	if got := c.Add(c).GradEquivalents(); got != 2*(1+2+8) {
		t.Errorf("got %v", got)
	}
}
