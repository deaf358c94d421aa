package optimtest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"basin/optim"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
)

// matrices is where invariances are looked at: weights alone.
var matrices = problem.NewLayout(
	problem.Block{Name: "a.weight", Role: problem.Weight, Shape: []int{5, 4}},
	problem.Block{Name: "b.weight", Role: problem.Weight, Shape: []int{3, 6}},
)

// Invariances holds a recipe to exactly these invariances: it must have them, to
// rounding, and must visibly lack the others. Its arguments eps, weight_decay and
// damping are set to zero, unless it would not move then.
func Invariances(t *testing.T, text string, declared []optim.Invariance) {
	o := resolve(t, exact(t, text))
	f := newQuadratic[float64](matrices)
	coupled := &coupling{f, orthogonal(5, "left"), orthogonal(4, "right")}
	plain := travel(t, o, coupled, start(matrices))
	if slices.Equal(plain, start(matrices)) { // its first steps are made of eps
		o = resolve(t, text)
		plain = travel(t, o, coupled, start(matrices))
	}
	for _, inv := range []optim.Invariance{optim.LossScale, optim.Rotation, optim.SignedPermutation, optim.Rescaling} {
		there, back, transposed := change(inv)
		other := newMoved[float64](coupled, back, transposed)
		other.factors = changeFactors(inv)
		seen := problem.Objective[float64](other)
		if inv == optim.LossScale {
			scaled := *f
			scaled.scale = 100
			seen = &coupling{&scaled, coupled.left, coupled.right}
		}
		x, want := start(matrices), make([]float64, matrices.N)
		there(x, start(matrices))
		there(want, plain)
		got := travel(t, o, seen, x)
		err := 0.0
		for _, b := range matrices.Blocks { // whose sizes may differ
			e, length := 0.0, 0.0
			for i := b.Off; i < b.Off+b.Len(); i++ {
				e = math.Hypot(e, got[i]-want[i])
				length = math.Hypot(length, want[i]-x[i])
			}
			err = max(err, e/length)
		}
		t.Logf("%s: the path moves by %.2g of its length", inv, err)
		has := slices.Contains(declared, inv)
		if has && !(err < 1e-11) {
			t.Errorf("declares %s, but the path moves by %.3g of its length", inv, err)
		}
		if !has && err <= 1e-3 { // to diverge, for not a number, is to differ
			t.Errorf("does not declare %s, but the path moves by only %.3g of its length", inv, err)
		}
	}
}

// A coupling mixes the coordinates of the first block before they enter f, so that
// no coordinate system is singled out.
type coupling struct {
	*quadratic[float64]
	left, right []float64
}

func (f *coupling) Grad(dst, x []float64) float64 {
	y, g := make([]float64, len(x)), make([]float64, len(x))
	copy(y, x)
	turn(y, x, f.left, f.right, 5, 4, false)
	loss := f.quadratic.Grad(g, y)
	copy(dst, g)
	turn(dst, g, f.left, f.right, 5, 4, true)
	return loss
}

// turn sets dst = P x Q for an m x n matrix x, or P' x Q' if back.
func turn(dst, x, p, q []float64, m, n int, back bool) {
	at := func(a []float64, k, i, j int) float64 {
		if back {
			i, j = j, i
		}
		return a[i*k+j]
	}
	for i := range m {
		for j := range n {
			sum := 0.0
			for k := range m {
				for l := range n {
					sum += at(p, m, i, k) * x[k*n+l] * at(q, n, l, j)
				}
			}
			dst[i*n+j] = sum
		}
	}
}

// change gives the linear map of the parameters that belongs to an invariance, its
// inverse, and the transposed of that.
func change(inv optim.Invariance) (there, back, transposed func(dst, x []float64)) {
	n := matrices.N
	perm, signs := make([]int, n), make([]float64, n)
	s := rng.At(4, "isometry", 0)
	s.Perm(perm)
	for i := range signs {
		signs[i] = s.Sign()
	}
	switch inv {
	case optim.SignedPermutation:
		there = func(dst, x []float64) {
			for i, v := range x {
				dst[perm[i]] = signs[i] * v
			}
		}
		back = func(dst, x []float64) {
			for i := range dst {
				dst[i] = signs[i] * x[perm[i]]
			}
		}
	case optim.Rotation:
		rotate := func(back bool) func(dst, x []float64) {
			return func(dst, x []float64) {
				for _, b := range matrices.Blocks {
					rows, cols := b.Shape[0], b.Shape[1]
					p, q := orthogonal(rows, b.Name), orthogonal(cols, b.Name)
					turn(problem.View(dst, b), problem.View(x, b), p, q, rows, cols, back)
				}
			}
		}
		there, back = rotate(false), rotate(true)
	case optim.Rescaling:
		scale := func(power float64) func(dst, x []float64) {
			return func(dst, x []float64) {
				for k, b := range matrices.Blocks {
					for i, v := range problem.View(x, b) {
						dst[b.Off+i] = v * math.Pow(sizes[k], power)
					}
				}
			}
		}
		return scale(1), scale(-1), scale(-1)
	default:
		there = func(dst, x []float64) { copy(dst, x) }
		back = there
	}
	return there, back, there // the transposed of the inverse of an isometry is itself
}

// sizes are what Rescaling multiplies the blocks by.
var sizes = []float64{4, 0.3}

// travel makes 15 steps and gives where they lead.
func travel(t *testing.T, o *optim.Optimizer, f problem.Objective[float64], x []float64) []float64 {
	r := newRun(t, o, f, x, 15)
	r.steps(15)
	return r.x
}

// exact sets eps, weight_decay and damping to zero wherever the rules of a recipe have
// them.
func exact(t *testing.T, text string) string {
	r := parse(t, text)
	for i := range r {
		doc, ok := optim.Describe(r[i].Name)
		if !ok {
			t.Fatalf("no rule %q", r[i].Name)
		}
		for _, p := range doc.Params {
			if p.Name == "eps" || p.Name == "weight_decay" || p.Name == "damping" {
				r[i] = with(r[i], p.Name, recipe.Number(0))
			}
		}
	}
	return fmt.Sprint(r)
}
