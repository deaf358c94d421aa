package optim

import (
	"slices"
	"testing"

	"basin/internal/crew"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
)

// Steps that helpers share have the bits of those that they do not, as has the addition.
func TestSharedStretches(t *testing.T) {
	const n = 5*stretch + 7
	l := problem.NewLayout(problem.Block{Name: "w", Shape: []int{n}})
	for _, text := range []string{"sgd(lr=0.1)", "sgd(lr=0.1, momentum=0.9)", "adam", "adamw", "lion", "signsgd", "signum"} {
		after := func(c *crew.Crew) []float32 {
			defer c.Close()
			parsed, err := recipe.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			o, err := Resolve(parsed)
			if err != nil {
				t.Fatal(err)
			}
			x, d := make([]float32, n), make([]float32, n)
			s, err := New(o, &Context[float32]{Layout: l, Blocks: l.Blocks, Start: x, Crew: c})
			if err != nil {
				t.Fatal(err)
			}
			mover := Mover[float32]{Crew: c}
			for step := 1; step <= 3; step++ {
				r := rng.At(1, "gradient", step)
				for i := range d {
					d[i] = float32(r.Float64()) - 0.5
				}
				s.Step(&Step[float32]{T: step, X: x, D: d})
				mover.Move(x, d)
			}
			return x
		}
		alone := after(nil)
		if slices.Contains(alone, 0) {
			t.Errorf("%s: a coordinate has not moved", text)
		}
		if !slices.Equal(alone, after(crew.New(2))) {
			t.Errorf("%s: other bits with helpers", text)
		}
	}
}
