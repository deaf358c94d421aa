package probe

import (
	"math"
	"testing"

	"basin/rng"
)

// cosines are m points of n coordinates cos(0.3 + 0.4 i (k+from)).
func cosines(m, n, from int) []float64 {
	var a []float64
	for i := range m {
		for k := range n {
			a = append(a, math.Cos(.3+.4*float64(i*(k+from))))
		}
	}
	return a
}

// Values computed with NumPy 1.x from the matrices of kernels, and by leaving out one
// example after another.
func TestCKA(t *testing.T) {
	a, b := represent(sines(8, 3, 1), 8, 3), represent(cosines(8, 4, 1), 8, 4)
	biased, debiased, err := centredAlignment(a, b)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "biased", biased.all, 0.640810933556931, 1e-13)
	near(t, "debiased", debiased.all, 0.3519285932621758, 1e-13)
	near(t, "error of biased", biased.stderr(1), 0.1516336385747155, 1e-12)
	near(t, "error of debiased", debiased.stderr(1), 0.4210838406967685, 1e-12)
	biased, debiased, _ = centredAlignment(a, a)
	near(t, "of one with itself, biased", biased.all, 1, 1e-14)
	near(t, "debiased", debiased.all, 1, 1e-14)
}

func TestCKARefuses(t *testing.T) {
	a := represent(sines(8, 3, 1), 8, 3)
	if _, _, err := centredAlignment(a, represent(make([]float64, 8), 8, 1)); err == nil || err.Error() != "a layer's activations are the same for all examples" {
		t.Errorf("error %v", err)
	}
	b := represent(sines(4, 3, 1), 4, 3)
	if _, _, err := centredAlignment(b, b); err == nil || err.Error() != "fewer than five predictions" {
		t.Errorf("error %v", err)
	}
	// One example apart from all others: what the unbiased estimate makes of it is not
	// positive.
	spike := make([]float64, 8)
	spike[0] = 1
	_, debiased, err := centredAlignment(a, represent(spike, 8, 1))
	if err != nil || debiased.valid() == nil {
		t.Errorf("%v, error %v", debiased, err)
	}
}

func normals(s *rng.Stream, n int) []float64 {
	a := make([]float64, n)
	for i := range a {
		a[i] = s.Norm()
	}
	return a
}

// Independent activations are unlike once the bias is taken off.
func TestCKAOfIndependent(t *testing.T) {
	var biased, debiased float64
	for i := range 50 {
		s := rng.At(5, "independent", i)
		b, d, err := centredAlignment(represent(normals(&s, 50*40), 50, 40), represent(normals(&s, 50*40), 50, 40))
		if err != nil {
			t.Fatal(err)
		}
		biased += b.all / 50
		debiased += d.all / 50
	}
	near(t, "biased", biased, .447, .02)
	near(t, "1 + debiased", 1+debiased, 1, .01)
}

// turned rotates each row of h, of three units, and adds to it.
func turned(h []float64) []float64 {
	t := make([]float64, len(h))
	for i := 0; i < len(h); i += 3 {
		x, y, z := h[i], h[i+1], h[i+2]
		x, y = .6*x-.8*y, .8*x+.6*y
		y, z = .28*y-.96*z, .96*y+.28*z
		t[i], t[i+1], t[i+2] = x+1, y-2, z+3
	}
	return t
}

func TestRotations(t *testing.T) {
	h, other := sines(60, 3, 1), represent(cosines(60, 4, 1), 60, 4)
	labels := make([]int, 60)
	for i := range labels {
		labels[i] = i * i % 7 % 3
	}
	var biased, debiased, loss [2]float64
	for i, h := range [][]float64{h, turned(h)} {
		b, d, err := centredAlignment(represent(h, 60, 3), other)
		if err != nil {
			t.Fatal(err)
		}
		f, err := principalAxes(h, 3)
		if err != nil {
			t.Fatal(err)
		}
		s := newSoftmaxRegression(f.coordinates(h), labels, 3, 3)
		x := make([]float64, s.size())
		s.fit(x, 1)
		biased[i], debiased[i], loss[i] = b.all, d.all, s.loss(x)
	}
	near(t, "biased CKA", biased[1], biased[0], 1e-12)
	near(t, "debiased CKA", debiased[1], debiased[0], 1e-12)
	near(t, "loss of the linear probe", loss[1], loss[0], 1e-11)
}
