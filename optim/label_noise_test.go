package optim

import (
	"math"
	"testing"

	"basin/problem"
)

// A softmaxLine is softmax cross-entropy, or squared loss, of the outputs z_k = x_k a_i
// of one weight per output for examples a_i.
type softmaxLine struct {
	layout *problem.Layout
	a      []float64
	labels []int     // classes, or nil
	target []float64 // n x outputs, for squared loss
}

func newSoftmaxLine(outputs int, a []float64, labels []int) *softmaxLine {
	return &softmaxLine{
		layout: problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{outputs, 1}}),
		a:      a, labels: labels, target: make([]float64, outputs*len(a)),
	}
}

func (f *softmaxLine) Layout() *problem.Layout  { return f.layout }
func (f *softmaxLine) Loss(x []float64) float64 { return math.NaN() }
func (f *softmaxLine) Size() (int, int)         { return len(f.a), f.layout.N }
func (f *softmaxLine) Labels() []int            { return f.labels }

func (f *softmaxLine) LossKind() problem.LossKind {
	if f.labels == nil {
		return problem.Squared
	}
	return problem.SoftmaxCrossEntropy
}

func (f *softmaxLine) Outputs(dst, x []float64) {
	for i, a := range f.a {
		for k, w := range x {
			dst[i*len(x)+k] = w * a
		}
	}
}

func (f *softmaxLine) MulVec(problem.Matrix, []float64, []float64, []float64) bool { return false }

func (f *softmaxLine) Grad(dst, x []float64) float64 {
	n, k := f.Size()
	u := make([]float64, n*k)
	f.Outputs(u, x)
	for i := range n {
		row := u[i*k:][:k]
		if f.labels == nil {
			for j := range row {
				row[j] -= f.target[i*k+j]
			}
			continue
		}
		sum := 0.0
		for j, v := range row {
			row[j] = math.Exp(v)
			sum += row[j]
		}
		for j := range row {
			row[j] /= sum
		}
		row[f.labels[i]]--
	}
	f.VecJac(dst, x, u)
	for j := range dst {
		dst[j] /= float64(n)
	}
	return 0
}

func (f *softmaxLine) JacVec(dst, _, v []float64) { f.Outputs(dst, v) }

func (f *softmaxLine) VecJac(dst, _, u []float64) {
	clear(dst)
	for i, a := range f.a {
		for k := range dst {
			dst[k] += a * u[i*len(dst)+k]
		}
	}
}

// Sampled is not needed by what is tested with labels; for squared loss it has targets
// that are off by one in every output.
func (f *softmaxLine) Sampled(x []float64, _ uint64) (problem.Objective[float64], bool) {
	made := *f
	made.target = make([]float64, len(f.target))
	f.Outputs(made.target, x)
	for i := range made.target {
		made.target[i]--
	}
	return &made, f.labels == nil
}

// A bareObjective has no ability of the one it holds.
type bareObjective struct{ problem.Objective[float64] }

// step gives the gradient that a rule of sgd(lr=1) behind the links sees at x.
func (f *softmaxLine) step(t *testing.T, st Stepper[float64], at int, x []float64) []float64 {
	t.Helper()
	d := make([]float64, len(x))
	f.Grad(d, x)
	st.Step(&Step[float64]{T: at, X: x, D: d, F: f})
	for i := range d {
		d[i] = -d[i]
	}
	return d
}

func (f *softmaxLine) stepper(t *testing.T, text string) Stepper[float64] {
	t.Helper()
	st, err := New(optimizer(t, text+" | sgd(lr=1)"), &Context[float64]{
		Layout: f.layout, Blocks: f.layout.Blocks, Start: make([]float64, f.layout.N), Seed: 5,
	})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// With flip=1 the gradient is that of another class, each other one as often.
func TestLabelNoise(t *testing.T) {
	x := []float64{0.3, -0.2, 0.5}
	f := newSoftmaxLine(3, []float64{2}, []int{1})
	st := f.stepper(t, "label_noise(flip=1)")
	var count [3]int
	for at := 1; at <= 1000; at++ {
		got := f.step(t, st, at, x)
		for y := range 3 {
			want := make([]float64, 3)
			newSoftmaxLine(3, f.a, []int{y}).Grad(want, x)
			if math.Hypot(got[0]-want[0], got[1]-want[1]) < 1e-12 {
				count[y]++
			}
		}
	}
	// The standard error is sqrt(1000)/2 = 16.
	if count[1] != 0 || count[0]+count[2] != 1000 || count[0] < 436 || count[0] > 564 {
		t.Errorf("labels were drawn %v times", count)
	}
	// Of squared loss: mean 0 and variance (sd |a| / n)^2 in every output.
	f = newSoftmaxLine(1, []float64{3, 4}, nil)
	st = f.stepper(t, "label_noise(sd=2)")
	clean, mean, square := make([]float64, 1), 0.0, 0.0
	f.Grad(clean, x[:1])
	const n = 20000
	for at := 1; at <= n; at++ {
		e := f.step(t, st, at, x[:1])[0] - clean[0]
		mean += e / n
		square += e * e / n
	}
	if variance := 2. * 2 * 25 / 4; math.Abs(mean) > 4*math.Sqrt(variance/n) || math.Abs(square/variance-1) > 4*math.Sqrt(2./n) {
		t.Errorf("noise of mean %v and variance %v, want 0 and 25", mean, square)
	}
	if w, _ := As[Warner](st); w.Warnings() != nil {
		t.Error(w.Warnings())
	}
	bare := f.stepper(t, "label_noise")
	bare.Step(&Step[float64]{T: 1, X: x[:1], D: []float64{1}, F: bareObjective{f}})
	if w, _ := As[Warner](bare); len(w.Warnings()) != 1 {
		t.Error("a loss without labels raises no warning")
	}
}

// The penalty by hand: of targets off by one in each of two outputs the gradients are
// a_i/n summed, so F = n (sum a/n)^2 = 2*3.5^2.
func TestEWC(t *testing.T) {
	f := newSoftmaxLine(2, []float64{3, 4}, nil)
	st := f.stepper(t, "ewc(strength=10, batches=3)")
	ender, _ := As[PhaseEnder[float64]](st)
	clean := make([]float64, 2)
	add := func(x []float64) [2]float64 {
		f.Grad(clean, x)
		d := f.step(t, st, 1, x)
		return [2]float64{d[0] - clean[0], d[1] - clean[1]}
	}
	if got := add([]float64{1, 2}); got != [2]float64{} {
		t.Errorf("in the first phase it adds %v", got)
	}
	ender.EndPhase([]float64{1, 2}, func(int) problem.Objective[float64] { return f })
	ender.EndPhase([]float64{2, 2}, func(int) problem.Objective[float64] { return f })
	got := add([]float64{3, 1})
	for i, want := range []float64{10 * 24.5 * (2 + 1), 10 * 24.5 * (-1 - 1)} {
		if math.Abs(got[i]-want) > 1e-10 {
			t.Errorf("it adds %v, want %v in place %d", got, want, i)
		}
	}
	classes := newSoftmaxLine(2, []float64{1}, []int{0}) // cannot be sampled
	ender.EndPhase([]float64{0, 0}, func(int) problem.Objective[float64] { return classes })
	if w, _ := As[Warner](st); len(w.Warnings()) != 1 {
		t.Error("a phase without penalty raises no warning")
	}
}

// What is left of a gradient does not change the outputs of earlier phases, and what is
// spanned is not kept twice.
func TestOGD(t *testing.T) {
	old := newSoftmaxLine(3, []float64{2, 5}, []int{0, 0})
	st := old.stepper(t, "ogd(directions=4, capacity=2)")
	ender, _ := As[PhaseEnder[float64]](st)
	ender.EndPhase(make([]float64, 3), func(int) problem.Objective[float64] { return old })
	x := []float64{0.1, 0.2, 0.4}
	now := newSoftmaxLine(3, []float64{1, -1}, []int{2, 1})
	want := make([]float64, 3)
	now.Grad(want, x)
	got := now.step(t, st, 1, x)
	if got[0] != 0 || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("left is %v of %v, where output 0 is to stay", got, want)
	}
	if w, _ := As[Warner](st); w.Warnings() != nil {
		t.Error(w.Warnings())
	}
	ender.EndPhase(x, func(int) problem.Objective[float64] { return now })
	if got := now.step(t, st, 1, x); got[0] != 0 || (got[1] != 0) == (got[2] != 0) {
		t.Errorf("left is %v with two of three directions taken", got)
	}
	if w, _ := As[Warner](st); len(w.Warnings()) != 1 {
		t.Error("directions without room raise no warning")
	}
}
