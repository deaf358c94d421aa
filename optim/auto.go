package optim

import (
	"fmt"

	"basin/recipe"
)

// An Auto is an argument that is a number, or the word auto where the rule works one
// out.
type Auto struct {
	Given bool
	Value float64
}

// SetRecipe takes a number or auto.
func (a *Auto) SetRecipe(v recipe.Value) error {
	if x, ok := v.(recipe.Number); ok {
		*a = Auto{true, float64(x)}
		return nil
	}
	if word, ok := recipe.AsWord(v); !ok || word != "auto" {
		return fmt.Errorf("must be a number or auto, found %v", v)
	}
	*a = Auto{}
	return nil
}

// Recipe is the inverse of SetRecipe.
func (a Auto) Recipe() recipe.Value {
	if a.Given {
		return recipe.Number(a.Value)
	}
	return recipe.Word("auto")
}

// or is the number, or what the rule takes.
func (a Auto) or(x float64) float64 {
	if a.Given {
		return a.Value
	}
	return x
}
