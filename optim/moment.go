package optim

import (
	"fmt"
	"math"

	"basin/recipe"
)

// A Moment is an argument that names a step of the run: by its number or, where it is
// below 1, by the share of the run that is over then.
type Moment float64

// SetRecipe takes a whole number or a share.
func (m *Moment) SetRecipe(v recipe.Value) error {
	x, ok := v.(recipe.Number)
	if !ok || x < 0 || x >= 1 && (x >= 1<<53 || float64(x) != math.Trunc(float64(x))) {
		return fmt.Errorf("must be a step such as 1000 or a share of the run such as 0.75, found %v", v)
	}
	*m = Moment(x)
	return nil
}

// Recipe is the inverse of SetRecipe.
func (m Moment) Recipe() recipe.Value { return recipe.Number(m) }

// isShare tells whether the step depends on the length of the run.
func (m Moment) isShare() bool { return 0 < m && m < 1 }

// step is the number of the step in a run of so many.
func (m Moment) step(run int) int {
	if m.isShare() {
		return int(math.Round(float64(m) * float64(run)))
	}
	return int(m)
}
