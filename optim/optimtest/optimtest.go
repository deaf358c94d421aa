// Package optimtest holds what every optimizer must do, as tests: a rule in the
// catalogue of optim has passed them all.
package optimtest

import (
	"testing"

	"basin/problem"
)

// Run holds a recipe to the contract of a stepper, in both precisions.
func Run(t *testing.T, text string) {
	t.Run("canonical", func(t *testing.T) { canonical(t, text) })
	t.Run("float32", func(t *testing.T) { contract[float32](t, text) })
	t.Run("float64", func(t *testing.T) { contract[float64](t, text) })
}

func contract[T problem.Float](t *testing.T, text string) {
	for _, c := range []struct {
		name  string
		check func(*testing.T, string)
	}{
		{"guarded", guarded[T]},
		{"part of the blocks", partial[T]},
		{"allocates nothing", frugal[T]},
		{"same bits", repeats[T]},
		{"restored", restored[T]},
		{"answers", answers[T]},
		{"minimizes", minimizes[T]},
		{"extremes", extremes[T]},
		{"NaN", notANumber[T]},
		{"gradients counted", counted[T]},
		{"odd shapes", shapes[T]},
		{"late steps", late[T]},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, text) })
	}
}
