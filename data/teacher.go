package data

import (
	"math"

	"basin/rng"
)

// A Teacher is a random network of one hidden layer, z = A act(W x) without biases.
type Teacher struct {
	Inputs, Width, Outputs int
	Act                    func(float64) float64
	W                      []float64 // Width x Inputs row-major
	A                      []float64 // Outputs x Width row-major
}

// NewTeacher draws W ~ N(0, 1/inputs) and A ~ N(0, 1/width), entry by entry, rounded
// to single precision.
func NewTeacher(inputs, width, outputs int, act func(float64) float64, seed uint64) *Teacher {
	draw := func(name string, n, fan int) []float64 {
		s := rng.At(seed, "teacher/"+name, 0)
		w := make([]float64, n)
		for i := range w {
			w[i] = single(s.Norm() / math.Sqrt(float64(fan)))
		}
		return w
	}
	return &Teacher{
		Inputs: inputs, Width: width, Outputs: outputs, Act: act,
		W: draw("w", width*inputs, inputs), A: draw("a", outputs*width, width),
	}
}

// Answer sets z to the outputs for x; hidden is room for Width numbers.
func (t *Teacher) Answer(z, x, hidden []float64) {
	for i := range hidden {
		hidden[i] = t.Act(unfused(t.W[i*t.Inputs:(i+1)*t.Inputs], x))
	}
	for i := range z {
		z[i] = unfused(t.A[i*t.Width:(i+1)*t.Width], hidden)
	}
}

// Samples generates n examples with x ~ N(0, I). With one output the target is the
// teacher's with noise*e, e ~ N(0, 1), added in training; with more the class is that
// of the largest output, after such noise in training. Inputs are rounded to single
// precision, so that they are nearly always the same on every machine.
func (t *Teacher) Samples(n int, noise float64, seed uint64) *Samples[float64] {
	s := &Samples[float64]{Shape: []int{t.Inputs}, Outputs: 1}
	if t.Outputs > 1 {
		s.Classes, s.Outputs = t.Outputs, 0
	}
	z, hidden := make([]float64, t.Outputs), make([]float64, t.Width)
	s.generate(n, func(x, y []float64, part string, i int) int {
		stream := rng.At(seed, "teacher/"+part, i)
		for j := range x {
			x[j] = single(stream.Norm())
		}
		t.Answer(z, x, hidden)
		best := 0
		for k := range z {
			if part == "train" {
				z[k] += float64(noise * stream.Norm())
			}
			if z[k] > z[best] {
				best = k
			}
		}
		copy(y, z)
		return best
	})
	return s
}

// unfused is a dot product whose products are rounded, on every machine.
func unfused(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i] * b[i])
	}
	return sum
}
