package replay

import (
	"fmt"
	"math"
	"slices"

	"basin/problem"
)

// waves is the objective of files in which the optimizer asks for gradients itself:
// f(w) = sum 0.5*a*(w-c)^2 + 0.1*cos(3w) over all elements.
type waves[T problem.Float] struct {
	layout *problem.Layout
	a, c   []float64
}

func (f waves[T]) Layout() *problem.Layout { return f.layout }

func (f waves[T]) Loss(x []T) float64 {
	sum := 0.0
	for i, w := range x {
		w := float64(w)
		sum += 0.5*f.a[i]*(w-f.c[i])*(w-f.c[i]) + 0.1*math.Cos(3*w)
	}
	return sum
}

func (f waves[T]) Grad(dst, x []T) float64 {
	for i, w := range x {
		w := float64(w)
		dst[i] = T(f.a[i]*(w-f.c[i]) - 0.3*math.Sin(3*w))
	}
	return f.Loss(x)
}

func (f waves[T]) MulVec(m problem.Matrix, dst, x, v []T) bool {
	if m != problem.Hessian {
		return false
	}
	for i, w := range x {
		dst[i] = T((f.a[i] - 0.9*math.Cos(3*float64(w))) * float64(v[i]))
	}
	return true
}

// recorded gives back what a file has for a step, wherever it is asked for it: the
// gradient at x first, then the perturbed one, and NaN if that is not all; products with a
// Hessian that is diagonal; the gradient for sampled labels. It has no loss.
type recorded[T problem.Float] struct {
	layout        *problem.Layout
	grads         [][]T
	diag, sampled []T // nil where the file has none
}

func (f *recorded[T]) Layout() *problem.Layout { return f.layout }
func (f *recorded[T]) Loss([]T) float64        { return math.NaN() }

func (f *recorded[T]) Grad(dst, _ []T) float64 {
	if len(f.grads) == 0 {
		for i := range dst {
			dst[i] = T(math.NaN())
		}
		return math.NaN()
	}
	copy(dst, f.grads[0])
	f.grads = f.grads[1:]
	return math.NaN()
}

func (f *recorded[T]) MulVec(m problem.Matrix, dst, _, v []T) bool {
	if m != problem.Hessian || f.diag == nil {
		return false
	}
	for i, h := range f.diag {
		dst[i] = h * v[i]
	}
	return true
}

func (f *recorded[T]) Sampled([]T, uint64) (problem.Objective[T], bool) {
	if f.sampled == nil {
		return nil, false
	}
	return &recorded[T]{layout: f.layout, grads: [][]T{f.sampled}}, true
}

// objective gives what an optimizer that takes so many gradients per step sees at
// step t, from 0.
func objective[T problem.Float](f *File, grads int) (func(t int) problem.Objective[T], error) {
	if f.Objective != nil {
		w := waves[T]{f.layout, flatten[float64](f.Objective.A), flatten[float64](f.Objective.C)}
		if err := f.recognise(w.a, w.c); err != nil {
			return nil, err
		}
		return func(int) problem.Objective[T] { return w }, nil
	}
	var rows [][][]vector
	for _, r := range [][][]vector{f.Grads, f.Perturbed} {
		if len(r) > 0 {
			rows = append(rows, r)
		}
	}
	switch {
	case len(f.Grads) == 0:
		return nil, fmt.Errorf("%s: it has neither grads nor an objective, so there is nothing to give the optimizer", f.Name)
	case len(rows) < grads && len(f.HessGrads)+len(f.LayerInputs) == 0:
		return nil, fmt.Errorf("%s: the optimizer takes %d gradients per step, and the file has %d; it needs an objective, or grads_perturbed besides grads", f.Name, grads, len(rows))
	}
	at := func(t int) *recorded[T] {
		step := &recorded[T]{layout: f.layout}
		if len(f.HessianDiag) > 0 {
			step.diag = flatten[T](f.HessianDiag[t])
		}
		if len(f.HessGrads) > 0 {
			step.sampled = flatten[T](f.HessGrads[t])
		}
		for _, r := range rows {
			step.grads = append(step.grads, flatten[T](r[t]))
		}
		return step
	}
	if len(f.LayerInputs) > 0 {
		return layersAt(f, at), nil
	}
	return func(t int) problem.Objective[T] { return at(t) }, nil
}

// firstEstimate is the first step, from 0, for which the file has something on the Hessian:
// rules ask before they start whether there is any. It is 0 where the file has nothing.
func (f *File) firstEstimate() int {
	for _, rows := range [][][]vector{f.HessianDiag, f.HessGrads} {
		if t := slices.IndexFunc(rows, func(row []vector) bool { return row != nil }); t > 0 {
			return t
		}
	}
	return 0
}

// recognise holds the objective to the first gradient of the file, since the file
// says only in words what function it is.
func (f *File) recognise(a, c []float64) error {
	if len(f.Grads) == 0 {
		return nil
	}
	x, want := flatten[float64](f.params()), flatten[float64](f.Grads[0])
	got := make([]float64, len(x))
	waves[float64]{f.layout, a, c}.Grad(got, x)
	for i := range got {
		if e := distance(got[i], want[i]); !(e <= tolerance64) {
			return fmt.Errorf("%s: the objective is not sum 0.5*a*(w-c)^2 + 0.1*cos(3w): its gradient at the start has %v where the file has %v", f.Name, got[i], want[i])
		}
	}
	return nil
}

// given is what the file has for a draw or a free choice of a rule, named as in the
// file without its plural: see optim.Context.
func (f *File) given() func(what string, b problem.Block, t int) []float64 {
	refreshes := map[string]int{}
	of := func(row []vector, blocks []problem.Block, name string) []float64 {
		for i, b := range blocks {
			if b.Name == name && i < len(row) {
				return flatten[float64](row[i : i+1])
			}
		}
		return nil
	}
	return func(what string, b problem.Block, t int) []float64 {
		switch {
		case what == "init_velocity":
			return of(f.InitVelocity, f.layout.Blocks, b.Name)
		case what == "noise_v" && 0 < t && t <= len(f.NoiseV):
			return of(f.NoiseV[t-1], f.layout.Blocks, b.Name)
		case what == "projector" && refreshes[b.Name] < len(f.Projectors):
			refreshes[b.Name]++
			return of(f.Projectors[refreshes[b.Name]-1], f.matrices(), b.Name)
		}
		return nil
	}
}
