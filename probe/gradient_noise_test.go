package probe

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
	"basin/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// constantGrads is a mean over examples of g_i' x, whose gradients g_i are the same everywhere.
type constantGrads struct {
	layout *problem.Layout
	grads  [][]float64
}

func (f *constantGrads) Layout() *problem.Layout                           { return f.layout }
func (f *constantGrads) Loss(x []float64) float64                          { return f.Grad(make([]float64, len(x)), x) }
func (f *constantGrads) MulVec(_ problem.Matrix, dst, _, _ []float64) bool { clear(dst); return true }
func (f *constantGrads) Examples() int                                     { return len(f.grads) }
func (f *constantGrads) Grad(dst, x []float64) float64 {
	clear(dst)
	for _, g := range f.grads {
		kernel.Axpy(dst, 1/float64(len(f.grads)), g)
	}
	return kernel.Dot(dst, x)
}

func (f *constantGrads) Subset(indices []int) problem.Objective[float64] {
	s := &constantGrads{layout: f.layout}
	for _, i := range indices {
		s.grads = append(s.grads, f.grads[i])
	}
	return s
}

// drawn is a pass over n examples whose gradients have exactly the mean g and the
// variances v in directions that do not correlate, as those of a covariance with divisor
// n-1: normal numbers made so.
func drawn(seed uint64, n int, g, v []float64) *Pass {
	f := &constantGrads{layout: problem.NewLayout(problem.Block{Name: "a", Shape: []int{1}}, problem.Block{Name: "b", Shape: []int{len(g) - 1}})}
	s := rng.At(seed, "gradients", 0)
	columns := make([][]float64, len(g))
	for j := range columns {
		c := make([]float64, n)
		for i := range c {
			c[i] = s.Norm()
		}
		for _, before := range append(columns[:j:j], nil) {
			if before == nil { // the column of ones
				before = make([]float64, n)
				for i := range before {
					before[i] = 1
				}
			}
			kernel.Axpy(c, -kernel.Dot(c, before)/kernel.Dot(before, before), before)
		}
		kernel.Scale(c, 1/kernel.Norm2(c))
		columns[j] = c
	}
	for i := range n {
		row := make([]float64, len(g))
		for j := range row {
			row[j] = g[j] + math.Sqrt(v[j]*float64(n-1))*columns[j][i]
		}
		f.grads = append(f.grads, row)
	}
	x := make([]float64, len(g))
	return &Pass{Layout: f.layout, X: x, Start: x, Path: math.NaN(), Eps: 0x1p-52, Seed: seed, Sets: map[string]problem.Objective[float64]{"train": f}}
}

// gaussianGradients draws half of the examples of one population.
func gaussianGradients() experiment {
	g, v := make([]float64, 50), make([]float64, 50)
	for j := range g {
		g[j], v[j] = 1/float64(1+j), 8/float64(1+j)
	}
	noise, square := kernel.Sum(v), kernel.Dot(g, g)
	return experiment{
		func(t *testing.T, i int) map[string]stat.Reading {
			p := drawn(1, 1024, g, v)
			p.Seed = uint64(i)
			return ask(t, p, "gradient_noise(examples=512)")
		},
		func(t *testing.T) map[string]float64 {
			return map[string]float64{"noise_scale": noise / square, "gradient_noise": noise, "gradient_square": square}
		},
	}
}

// Of gradients of mean (1, 2) and covariance diag(4, 9) the noise scale is 13/5. Estimates
// average to what they estimate, and intervals hold it, whatever share of the examples was
// drawn; in many directions and with more noise too.
func TestGradientNoise(t *testing.T) {
	many, noisy := make([]float64, 50), make([]float64, 50)
	for j := range many {
		many[j], noisy[j] = 1/float64(1+j), 8/float64(1+j)
	}
	student := distuv.StudentsT{Sigma: 1, Nu: 127}.Quantile(.975)
	for _, c := range []struct {
		g, v     []float64
		examples int
	}{{[]float64{1, 2}, []float64{4, 9}, 512}, {[]float64{1, 2}, []float64{4, 9}, 0}, {many, noisy, 512}, {many, noisy, 0}} {
		pass := drawn(1, 1024, c.g, c.v)
		noise, square := kernel.Sum(c.v), kernel.Dot(c.g, c.g)
		const trials = 500
		values, held := map[string][]float64{}, map[string]int{}
		for i := range trials {
			pass.Seed = uint64(i)
			r := ask(t, pass, fmt.Sprintf("gradient_noise(examples=%d)", c.examples))
			for name, want := range map[string]float64{"noise_scale": noise / square, "gradient_noise": noise, "gradient_square": square, "noise_scale/a": c.v[0] / c.g[0] / c.g[0]} {
				values[name] = append(values[name], r[name].Value)
				if math.Abs(r[name].Value-want) <= student*r[name].Err {
					held[name]++
				}
				if i == trials-1 {
					mean, stderr := meanErr(values[name])
					// Of the ratio to first order: it is biased by about |G|^2's relative variance.
					if off := math.Abs(mean - want); off > 3.5*stderr+.03*want || !strings.HasPrefix(name, "noise_scale") && off > 3.5*stderr+1e-12*want {
						t.Errorf("%d directions, %d examples: %s is %v on average, want %v", len(c.g), c.examples, name, mean, want)
					}
				}
			}
		}
		for name, n := range held {
			if share := float64(n) / trials; (share < .91 || share > .985) && !(c.examples == 0 && name == "gradient_square") {
				t.Errorf("%d directions, %d examples: the interval of %s holds it in %v", len(c.g), c.examples, name, share)
			}
		}
		if r := ask(t, pass, "gradient_noise(examples=0)")["gradient_square"]; !math.IsNaN(r.Err) || math.Abs(r.Value-square) > 1e-12*square {
			t.Errorf("of all examples: %+v, want %v", r, square)
		}
	}
}

// A moment is that of McCandlish et al. from batches of two sizes, and each that leaves a
// batch out is the moment of the others.
func TestMoments(t *testing.T) {
	const m, size, d = 6, 5, 3
	s := rng.At(1, "moments", 0)
	grads := make([][]float64, m)
	for i := range grads {
		for range d {
			grads[i] = append(grads[i], 1+s.Norm())
		}
	}
	from := func(grads [][]float64) (scatter, moment) {
		n := float64(len(grads))
		mean, small := make([]float64, d), 0.
		for _, g := range grads {
			kernel.Axpy(mean, 1/n, g)
			small += kernel.Dot(g, g) / n
		}
		var sc scatter
		sc.square = kernel.Dot(mean, mean)
		for _, g := range grads {
			off := append([]float64(nil), g...)
			kernel.Axpy(off, -1, mean)
			sc.along, sc.off = append(sc.along, kernel.Dot(mean, off)), append(sc.off, kernel.Dot(off, off))
		}
		b, whole := float64(size), size*n
		return sc, moment{(small - sc.square) / (1/b - 1/whole), (whole*sc.square - b*small) / (whole - b)}
	}
	sc, want := from(grads)
	for i, got := range sc.leaveOut(size, 1) {
		if i > 0 {
			var others [][]float64
			others = append(append(others, grads[:i-1]...), grads[i:]...)
			_, want = from(others)
		}
		near(t, "tr Sigma", got.noise, want.noise, 1e-12)
		near(t, "|G|^2", got.square, want.square, 1e-12)
	}
}

func TestGradientNoiseRefuses(t *testing.T) {
	lost := ask(t, drawn(1, 1024, []float64{.01, .01}, []float64{4, 9}), "gradient_noise(examples=512)")
	if r := lost["noise_scale"]; !strings.HasPrefix(r.None, "the gradient is lost in noise") || !lost["gradient_noise"].Defined() || !lost["gradient_square"].Defined() {
		t.Errorf("%+v", r)
	}
	still := ask(t, drawn(1, 64, []float64{1, 2}, []float64{0, 0}), "gradient_noise(examples=32)")
	near(t, "no noise", 1+still["noise_scale"].Value, 1, 1e-15)
	if r := ask(t, drawn(1, 64, []float64{0, 0}, []float64{0, 0}), "gradient_noise")["noise_scale"]; r.None != "the gradient is zero" {
		t.Errorf("%+v", r)
	}
	if r := ask(t, drawn(1, 3, []float64{1, 2}, []float64{0, 0}), "gradient_noise")["noise_scale"]; r.None != "there are 3 training examples; it takes 4" {
		t.Errorf("%+v", r)
	}
	wild := drawn(1, 64, []float64{1, 2}, []float64{4, 9})
	wild.Sets["train"].(*constantGrads).grads[7][1] = math.NaN()
	if r := ask(t, wild, "gradient_noise")["gradient_noise"]; r.None != "the gradient of some batch is not finite" {
		t.Errorf("%+v", r)
	}
	if r := ask(t, quadraticPass([]float64{1, 2}, []float64{1, 1}), "gradient_noise")["noise_scale"]; r.None != "the training loss is not one of examples that batches can be drawn from" {
		t.Errorf("%+v", r)
	}
}
