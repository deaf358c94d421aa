package optim

import (
	"strings"
	"testing"

	"basin/recipe"
)

func TestASAMScaledIsRegexp(t *testing.T) {
	r, err := recipe.Parse(`asam(scaled="(weight")`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Resolve(r); err == nil || !strings.Contains(err.Error(), `asam: scaled="(weight" is not a regular expression: missing closing )`) {
		t.Error(err)
	}
}
