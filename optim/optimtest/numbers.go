package optimtest

import (
	"math"
	"slices"
	"testing"

	"basin/optim"
	"basin/problem"
	"basin/recipe"
)

// minimizes: with rates that fall to zero, the loss falls to a thousandth, or, where a
// rule of the recipe says that it ends elsewhere, falls.
func minimizes[T problem.Float](t *testing.T, text string) {
	const steps = 2000
	r := newRun(t, resolve(t, decaying(t, text)), problem.Objective[T](newQuadratic[T](layout)), convert[T](start(layout)), steps)
	before := r.f.Loss(r.x)
	r.steps(steps)
	if elsewhere(t, text) {
		before *= 1e3
	}
	if after := r.f.Loss(r.x); !(after < 1e-3*before) {
		t.Errorf("the loss goes from %.3g to %.3g", before, after)
	}
}

// elsewhere tells whether a rule of the recipe, one of a part included, does not end
// at a minimum of the loss.
func elsewhere(t *testing.T, text string) bool {
	var has func(r recipe.Recipe) bool
	has = func(r recipe.Recipe) bool {
		for _, c := range r {
			if doc, ok := optim.Describe(c.Name); ok && doc.EndsAt != "" {
				return true
			}
			for _, a := range c.Args {
				if part, ok := a.Value.(recipe.Recipe); ok && has(part) {
					return true
				}
			}
		}
		return false
	}
	return has(parse(t, resolve(t, text).Recipe()))
}

// extremes: no gradient whose square is finite makes a change that is not, however
// small it is, and at x = 0 a gradient of zero makes none unless the rule ends elsewhere
// than where the gradient is zero.
func extremes[T problem.Float](t *testing.T, text string) {
	o := resolve(t, text)
	sizes := []float64{0, 1e-40, 1e-30, 1e-15, 1e15}
	if _, wide := any(T(0)).(float64); wide {
		sizes = append(sizes, 1e-300, 1e-200, 1e120)
	}
	moves := elsewhere(t, text)
	for _, size := range sizes {
		f := newQuadratic[T](layout)
		f.scale = size
		r := newRun(t, o, problem.Objective[T](f), make([]T, layout.N), 100)
		for range 4 {
			r.step()
			for i, v := range r.d {
				if v := float64(v); math.IsNaN(v) || math.IsInf(v, 0) || size == 0 && v != 0 && !moves {
					t.Fatalf("gradients of size %g: D[%d] is %v at step %d", size, i, v, r.t)
				}
			}
			clear(r.x)
		}
	}
}

// notANumber: a NaN in the gradient shows in D, at once and later.
func notANumber[T problem.Float](t *testing.T, text string) {
	r := fresh[T](t, resolve(t, text))
	r.steps(3)
	for i := range r.x {
		x := slices.Clone(r.x)
		x[i] = T(math.NaN())
		bad := newRun(t, resolve(t, text), r.f, x, 100)
		bad.step()
		if !slices.ContainsFunc(bad.d, func(v T) bool { return v != v }) {
			t.Fatalf("a gradient with a NaN at %d makes a change without", i)
		}
	}
}

// counted: a step asks for as many gradients as its recipe declares, and for no more
// products.
func counted[T problem.Float](t *testing.T, text string) {
	o := resolve(t, text)
	f := newQuadratic[T](layout)
	r := newRun(t, o, problem.Objective[T](f), convert[T](start(layout)), 100)
	f.grads, f.products = 0, 0 // what the rule was made with does not count
	r.steps(10)
	if want := int(10 * o.GradsPerStep()); f.grads != want {
		t.Errorf("10 steps cost %d gradients, %d are declared", f.grads, want)
	}
	if most := 10 * o.ProductsPerStep(); float64(f.products) > most {
		t.Errorf("10 steps cost %d products, %v are declared", f.products, most)
	}
}
