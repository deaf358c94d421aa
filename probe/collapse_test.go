package probe

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"basin/kernel"
	"basin/problem"
)

// threeClasses are twelve points of four coordinates, of classes in turn, and the
// weights of a last layer.
func threeClasses() (h, w []float64, o *Predictions) {
	h, w = sines(12, 4, 0), cosines(3, 4, 0)
	o = &Predictions{N: 12, K: 3, Each: 1, Z: make([]float64, 36)}
	for i := range 12 {
		o.Labels = append(o.Labels, i%3)
		for k := range 4 {
			if k%3 == i%3 {
				h[i*4+k] += 2
			}
		}
	}
	// The rows of weights are cos(0.3 + 0.4 c k).
	var room kernel.Scratch[float64]
	kernel.MatMul(&room, o.Z, 3, h, 4, 1, w, 1, 4, 12, 3, 4, false)
	return h, w, o
}

// Values computed with NumPy 1.x, nc1 with PyTorch 1.13 too, from the matrices S_W and
// S_B themselves.
func TestCollapseOfThreeClasses(t *testing.T) {
	h, w, o := threeClasses()
	f := folds{1, make([]int, 12)}
	m := meansWithout(noFold, f, h, 4, o)
	near(t, "nc0", rowSum(w, 3), 1.382029602316415, 1e-13)
	for _, c := range []struct {
		name string
		of   func() (float64, error)
		want float64
	}{
		{"class_cosine", func() (float64, error) { return m.cosines(m.mean, average) }, 0.19940456558706451},
		{"class_cosine_spread", func() (float64, error) { return m.cosines(m.mean, spread) }, 0.11653687935272536},
		{"class_cosine_centred", func() (float64, error) { return m.cosines(m.centred, average) }, -0.4732701933079017},
		{"class_cosine_centred_spread", func() (float64, error) { return m.cosines(m.centred, spread) }, 0.30925350786869343},
		{"nc1", func() (float64, error) { return m.variability(0x1p-52) }, 0.11893111702315468},
		{"nc2_equinorm", m.equinorm, 0.17682188693821851},
		{"nc2_equiangular", m.equiangular, 0.27730915672148504},
		{"nc3", func() (float64, error) { return m.duality(w) }, 1.2418021515511433},
		{"nc4", func() (float64, error) { return m.disagreement(o) }, 2. / 3},
	} {
		v, err := c.of()
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.name, v, c.want, 1e-12)
	}
}

// collapsed poses the activations of four classes at the corners of a simplex, with a
// last layer to match.
func collapsed() (h, w []float64, o *Predictions) {
	const classes, n = 4, 40
	o = &Predictions{N: n, K: classes, Each: 1}
	for c := range classes {
		row := slices.Repeat([]float64{-.25}, classes)
		row[c] = .75
		w = append(w, row...)
	}
	for i := range n {
		o.Labels = append(o.Labels, i%classes)
		h = append(h, w[i%classes*classes:(i%classes+1)*classes]...)
	}
	o.Z = make([]float64, n*classes)
	var room kernel.Scratch[float64]
	kernel.MatMul(&room, o.Z, classes, h, classes, 1, w, 1, classes, n, classes, classes, false)
	kernel.Scale(w, 3)
	return h, w, o
}

func TestCollapsed(t *testing.T) {
	h, w, o := collapsed()
	m := meansWithout(noFold, folds{1, make([]int, o.N)}, h, 4, o)
	zero := func(name string, v float64, err error) {
		t.Helper()
		if err != nil || math.Abs(v) > 1e-14 {
			t.Errorf("%s: %v, error %v", name, v, err)
		}
	}
	zero("nc0", rowSum(w, 4), nil)
	v, err := m.variability(0x1p-52)
	zero("nc1", v, err)
	v, err = m.equinorm()
	zero("nc2_equinorm", v, err)
	v, err = m.equiangular()
	zero("nc2_equiangular", v, err)
	v, err = m.duality(w)
	zero("nc3", v, err)
	v, err = m.disagreement(o)
	zero("nc4", v, err)
	v, err = m.cosines(m.centred, average)
	zero("cosine + 1/3", v+1./3, err)
}

func TestCollapseOfFewClasses(t *testing.T) {
	h, _, o := threeClasses()
	o.Labels = []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}
	m := meansWithout(noFold, folds{1, make([]int, 12)}, h, 4, o)
	if _, err := m.equinorm(); !errors.Is(err, errClasses) {
		t.Errorf("error %v", err)
	}
	if _, err := m.variability(0x1p-52); !errors.Is(err, errClasses) {
		t.Errorf("error %v", err)
	}
	o.Labels[0] = 2
	m = meansWithout(noFold, folds{1, make([]int, 12)}, make([]float64, 48), 4, o)
	if _, err := m.variability(0x1p-52); !errors.Is(err, errEqualMeans) {
		t.Errorf("error %v", err)
	}
	if _, err := m.cosines(m.mean, average); err == nil || err.Error() != "a class mean is zero" {
		t.Errorf("error %v", err)
	}
}

// The last layer is found by what it does, in every kind of network.
func TestHead(t *testing.T) {
	of := func(p *Pass, set string) ([]float64, *FeatureSet, error) {
		f, err := Need(p, Features{set, 0})
		if err != nil {
			t.Fatal(err)
		}
		o, err := Need(p, Outputs{set, 0})
		if err != nil {
			t.Fatal(err)
		}
		w, err := head(p, f, o)
		return w, f, err
	}
	p, x := network[float32](t, "mlp(3, 3)", 3, problem.SoftmaxCrossEntropy)
	pass := NewPass(p, x, 1, 1)
	w, _, err := of(pass, "train")
	if err != nil || !slices.Equal(w, block(pass.X, p.Layout, "head.weight")) {
		t.Errorf("mlp: %v, error %v", w, err)
	}
	p, x = network[float32](t, "mlp(4)", 1, problem.Logistic)
	pass = NewPass(p, x, 1, 1)
	w, _, err = of(pass, "train")
	one := block(pass.X, p.Layout, "head.weight")
	if err != nil || len(w) != 8 || w[0] != -one[0] || w[4] != one[0] {
		t.Errorf("mlp of one output: %v, error %v", w, err)
	}
	p, x = language[float32](t)
	pass = NewPass(p, x, 1, 1)
	w, _, err = of(pass, "train")
	if err != nil || !slices.Equal(w, block(pass.X, p.Layout, "head.weight")) {
		t.Errorf("gpt: %v, error %v", w, err)
	}
	clear(block(pass.X, p.Layout, "head.weight"))
	pass.known = nil
	if _, _, err := of(pass, "train"); err == nil || err.Error() != "the last layer is zero" {
		t.Errorf("error %v", err)
	}
	// Blocks of other names and shapes than the outputs are made of.
	p, x = network[float32](t, "mlp(4)", 3, problem.SoftmaxCrossEntropy)
	pass = NewPass(p, x, 1, 1)
	f, _ := Need(pass, Features{"train", 0})
	o, _ := Need(pass, Outputs{"train", 0})
	other := *o
	other.Z = slices.Clone(o.Z)
	for i := range other.Z {
		other.Z[i] *= other.Z[i]
	}
	if _, err := head(pass, f, &other); err == nil || !strings.HasPrefix(err.Error(), "no dense layer leads") {
		t.Errorf("error %v", err)
	}
}

func TestCollapseRefuses(t *testing.T) {
	p, x := network[float64](t, "mlp(5)", 2, problem.Squared)
	for name, r := range ask(t, NewPass(p, x, 1, 1), "collapse, linear_probe") {
		if r.None != "the targets are not classes" {
			t.Errorf("%s: %+v", name, r)
		}
	}
	p, x = network[float64](t, "linear", 3, problem.SoftmaxCrossEntropy)
	for name, r := range ask(t, NewPass(p, x, 1, 1), "collapse, linear_probe, cka, dimension, outliers") {
		if r.None != "the model has no hidden layer" {
			t.Errorf("%s: %+v", name, r)
		}
	}
	p, x = network[float64](t, "mlp(5)", 3, problem.SoftmaxCrossEntropy)
	for name, r := range ask(t, NewPass(p, x, 1, 1), "cka") {
		if r.None != "the model has a single hidden layer" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
