package recipe_test

import (
	"fmt"

	"basin/recipe"
)

type settings struct {
	LR       float64 `arg:"lr" default:"0.1" valid:"(0,inf)" search:"1e-4..10 log" help:"learning rate"`
	Momentum float64 `arg:"momentum" default:"0" valid:"[0,1)" help:"decay of the velocity"`
}

func Example() {
	const text = "clip_norm(1) | sgd(momentum=9e-1)"
	r, err := recipe.Parse(text)
	if err != nil {
		fmt.Println(err)
		return
	}
	var s settings
	if err := recipe.Bind(text, r[1], &s); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.LR, s.Momentum)
	fmt.Println(recipe.Format("sgd", s))

	r, _ = recipe.Parse("sgd(momentun=0.9)")
	fmt.Println(recipe.Bind("", r[0], &s))
	// Output:
	// 0.1 0.9
	// sgd(lr=0.1, momentum=0.9)
	// recipe `sgd(momentun=0.9)` column 5: unknown argument "momentun" of sgd; did you mean "momentum"?
}
