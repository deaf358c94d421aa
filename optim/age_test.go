package optim

import (
	"testing"

	"basin/problem"
)

// Rules say how old that is which made their last step.
func TestAge(t *testing.T) {
	layout := problem.NewLayout(problem.Block{Name: "w", Shape: []int{4, 3}})
	for recipe, want := range map[string]map[int]int{ // -1: nothing is renewed
		"shampoo(interval=10)":                                     {1: 0, 2: 0, 3: 1, 9: 1, 10: 0, 15: 5, 16: 0, 19: 3, 25: 5},
		"dshampoo(precondition_frequency=5)":                       {4: -1, 5: 0, 7: 2, 10: 0},
		"soap(precondition_frequency=4)":                           {1: -1, 2: 1, 5: 4, 6: 1, 9: 4, 10: 1},
		"galore(update_proj_gap=3)":                                {1: 0, 3: 2, 4: 0},
		"adamw":                                                    {1: -1, 9: -1},
		"clip_norm(1) | shampoo(interval=10)":                      {15: 5},
		"split(matrix=soap(precondition_frequency=4), rest=adamw)": {5: 4},
		"accumulate(steps=4, base=shampoo(interval=10))":           {4: 0, 62: 5},
	} {
		for step, age := range want {
			s := stepper[float64](t, recipe, layout)
			a, ok := As[Ager](s)
			if got := -1; ok {
				if n, ok := a.Age(step); ok {
					got = n
				}
				if got != age {
					t.Errorf("%s: at step %d %d steps old, want %d", recipe, step, got, age)
				}
			} else if age >= 0 {
				t.Errorf("%s: no age", recipe)
			}
		}
	}
}
