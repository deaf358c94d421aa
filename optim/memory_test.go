package optim

import (
	"math"
	"slices"
	"testing"

	"basin/problem"
)

// A fake has one item of every kind.
type fake struct {
	f []float32
	d []float64
	i []int64
	F float32
	D float64
	I int64
}

func (m *fake) Step(*Step[float32]) {}
func (m *fake) Memory() []any       { return []any{m.f, m.d, m.i, &m.F, &m.D, &m.I} }

func TestMemory(t *testing.T) {
	a := &fake{
		f: []float32{1, float32(math.NaN()), float32(math.Copysign(0, -1))}, d: []float64{math.Inf(-1), math.Pi},
		i: []int64{-1, math.MaxInt64}, F: 0.1, D: 5e-324, I: 7,
	}
	saved, err := Save[float32](a)
	if err != nil {
		t.Fatal(err)
	}
	b := &fake{f: make([]float32, 3), d: make([]float64, 2), i: make([]int64, 2)}
	if err := Restore[float32](b, saved); err != nil {
		t.Fatal(err)
	}
	again, err := Save[float32](b)
	if err != nil || !slices.Equal(saved, again) {
		t.Errorf("what was restored saves otherwise: %v", err)
	}
	if b.I != 7 || b.D != 5e-324 || !slices.Equal(b.i, a.i) || math.Float32bits(b.f[2]) != 1<<31 {
		t.Errorf("restored %+v, want %+v", b, a)
	}
	for name, c := range map[string]*fake{
		"shorter": {f: make([]float32, 2), d: make([]float64, 2), i: make([]int64, 2)},
		"longer":  {f: make([]float32, 4), d: make([]float64, 2), i: make([]int64, 2)},
		"moved":   {f: make([]float32, 3), d: make([]float64, 1), i: make([]int64, 3)},
	} {
		before := *c
		if Restore[float32](c, saved) == nil {
			t.Errorf("a stepper with a %s memory takes it", name)
		}
		if c.I != before.I || c.f[0] != 0 {
			t.Errorf("a refused memory changed the stepper")
		}
	}
	if Restore[float32](b, append([]byte("basin optimizer 2\n"), saved[len(memoryHead):]...)) == nil {
		t.Error("a memory of another version is taken")
	}
	// A length that would overflow.
	huge := slices.Clone(saved)
	for i := range 8 {
		huge[len(memoryHead)+1+i] = 0xff
	}
	if Restore[float32](b, huge) == nil {
		t.Error("a memory that claims 2^64-1 values is taken")
	}
}

// A memory belongs to a recipe, a network and a precision.
func TestMemoryOfAnother(t *testing.T) {
	small := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{2, 3}})
	other := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{2, 4}})
	st := stepper[float32](t, "adam", small)
	saved, err := Save(st)
	if err != nil {
		t.Fatal(err)
	}
	if Restore(stepper[float64](t, "adam", small), saved) == nil {
		t.Error("a memory in float32 is taken in float64")
	}
	if Restore(stepper[float32](t, "adam", other), saved) == nil {
		t.Error("the memory of a smaller network is taken")
	}
	if Restore(stepper[float32](t, "lion", small), saved) == nil {
		t.Error("the memory of another rule is taken")
	}
}

func stepper[T problem.Float](t *testing.T, text string, l *problem.Layout) Stepper[T] {
	t.Helper()
	st, err := New(optimizer(t, text), &Context[T]{Layout: l, Blocks: l.Blocks, Start: make([]T, l.N)})
	if err != nil {
		t.Fatal(err)
	}
	return st
}
