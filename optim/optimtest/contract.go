package optimtest

import (
	"math"
	"slices"
	"testing"

	"basin/optim"
	"basin/problem"
)

// canonical: the recipe in full is a fixed point, trains alike and costs as much.
func canonical(t *testing.T, text string) {
	o := resolve(t, text)
	again := resolve(t, o.Recipe())
	if again.Recipe() != o.Recipe() {
		t.Fatalf("%s becomes %s", o.Recipe(), again.Recipe())
	}
	a, b := fresh[float32](t, o), fresh[float32](t, again)
	a.steps(20)
	b.steps(20)
	if !slices.Equal(a.x, b.x) {
		t.Error("its canonical recipe leads elsewhere")
	}
	cost, ok := optim.As[optim.Coster](a.st)
	other, _ := optim.As[optim.Coster](b.st)
	if !ok || !(cost.Flops() > 0) || cost.Flops() != other.Flops() {
		t.Error("it does not know its cost, or not always the same")
	}
}

// guarded: a step writes D in full, and nothing beyond D.
func guarded[T problem.Float](t *testing.T, text string) {
	const margin, mark = 8, 12345
	n := layout.N
	buffer := make([]T, 2*n+3*margin)
	for i := range buffer {
		buffer[i] = mark
	}
	x, d := buffer[margin:][:n:n], buffer[2*margin+n:][:n:n]
	r := fresh[T](t, resolve(t, text))
	copy(x, r.x)
	for step := range 3 {
		f := problem.Objective[T](r.f)
		loss := f.Grad(d, x)
		before, g := slices.Clone(x), slices.Clone(d)
		r.st.Step(&optim.Step[T]{T: step + 1, X: x, D: d, Loss: loss, F: f})
		if !slices.Equal(x, before) {
			t.Fatal("it writes X")
		}
		for i := range d {
			if d[i] == g[i] {
				t.Fatalf("it leaves D[%d] as it was, a gradient of %v", i, g[i])
			}
		}
		for i := range margin {
			if buffer[i] != mark || buffer[margin+n+i] != mark || buffer[2*margin+2*n+i] != mark {
				t.Fatal("it writes beside X or D")
			}
		}
	}
}

// partial: made for some blocks, of every role and of the first and the last layer,
// a stepper leaves D on the others alone.
func partial[T problem.Float](t *testing.T, text string) {
	var blocks []problem.Block
	mine := make([]bool, layout.N)
	for _, b := range layout.Blocks {
		if b.Name == "conv.weight" || b.Name == "head.bias" {
			continue
		}
		blocks = append(blocks, b)
		for i := range b.Len() {
			mine[b.Off+i] = true
		}
	}
	o := resolve(t, text)
	if o.GradsPerStep() > 1 {
		return // a rule that asks for gradients always has all blocks
	}
	f := newQuadratic[T](layout)
	x, d := convert[T](start(layout)), make([]T, layout.N)
	st, err := optim.New(o, &optim.Context[T]{Layout: layout, Blocks: blocks, Start: x, Horizon: 100, First: f})
	if err != nil {
		t.Fatal(err)
	}
	f.Grad(d, x)
	g := slices.Clone(d)
	st.Step(&optim.Step[T]{T: 1, X: x, D: d, F: f})
	for i := range d {
		if left := d[i] == g[i]; left == mine[i] {
			t.Fatalf("D[%d], in its blocks: %v, is left as it was: %v", i, mine[i], left)
		}
	}
}

// frugal: steps 41 to 59 allocate nothing; rules that decompose matrices now and
// then do it at other times.
func frugal[T problem.Float](t *testing.T, text string) {
	r := fresh[T](t, resolve(t, text))
	r.steps(40)
	if n := testing.AllocsPerRun(18, func() { r.steps(1) }); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
}

// repeats: two steppers of one recipe go the same way, to the bit.
func repeats[T problem.Float](t *testing.T, text string) {
	o := resolve(t, text)
	a, b := fresh[T](t, o), fresh[T](t, o)
	a.steps(25)
	b.steps(25)
	if !slices.Equal(a.x, b.x) {
		t.Error("two runs differ")
	}
}

// restored: taken up from its memory, a run goes on as if nothing had happened.
func restored[T problem.Float](t *testing.T, text string) {
	o := resolve(t, text)
	whole, half := fresh[T](t, o), fresh[T](t, o)
	whole.steps(7)
	saved := whole.save()
	again := newRun(t, o, problem.Objective[T](half.f), slices.Clone(whole.x), 100)
	again.t = whole.t
	if err := optim.Restore(again.st, saved); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(again.save(), saved) {
		t.Error("what is restored saves to other bytes")
	}
	whole.steps(20)
	again.steps(20)
	if !slices.Equal(whole.x, again.x) || !slices.Equal(whole.save(), again.save()) {
		t.Error("the run taken up goes elsewhere")
	}
	now := whole.save()
	for _, bad := range [][]byte{nil, saved[:len(saved)-1], append(slices.Clone(saved), 0), saved[5:]} {
		if optim.Restore(whole.st, bad) == nil {
			t.Errorf("a memory of %d bytes instead of %d is taken", len(bad), len(saved))
		}
	}
	if !slices.Equal(whole.save(), now) {
		t.Error("a memory that was refused has changed the stepper")
	}
}

// answers: an optimizer that answers with an average begins with the start, gives the
// answer on its own blocks alone, remembers it exactly and is not changed by being
// asked; the answer solves the quadratic too.
func answers[T problem.Float](t *testing.T, text string) {
	o := resolve(t, text)
	r := fresh[T](t, o)
	a, ok := optim.As[optim.Averager[T]](r.st)
	if !ok {
		return
	}
	dst := make([]T, layout.N)
	if a.Average(dst, r.x); !slices.Equal(dst, r.x) {
		t.Error("before the first step it does not answer with the start")
	}
	r.steps(95)
	saved := r.save()
	if n := testing.AllocsPerRun(1, func() { a.Average(dst, r.x) }); n != 0 {
		t.Errorf("an answer allocates %v times", n)
	}
	if !slices.Equal(r.save(), saved) {
		t.Error("an answer changes the memory")
	}
	if before, after := r.f.Loss(convert[T](start(layout))), r.f.Loss(dst); !(after < before) {
		t.Errorf("the loss at the answer is %v, at the start %v", after, before)
	}
	again := newRun(t, o, r.f, slices.Clone(r.x), 100)
	if err := optim.Restore(again.st, saved); err != nil {
		t.Fatal(err)
	}
	other, _ := optim.As[optim.Averager[T]](again.st)
	same := make([]T, layout.N)
	if other.Average(same, r.x); !slices.Equal(same, dst) {
		t.Error("what is restored has another answer")
	}
	few, err := optim.New(o, &optim.Context[T]{Layout: layout, Blocks: layout.Blocks[1:4], Start: r.x, Horizon: 100})
	if err != nil {
		return // a split needs all its blocks
	}
	if a, ok := optim.As[optim.Averager[T]](few); ok {
		for i := range dst {
			dst[i] = T(math.NaN())
		}
		a.Average(dst, r.x)
		lo, hi := layout.Blocks[1].Off, layout.Blocks[4].Off
		for i, v := range dst {
			if mine := lo <= i && i < hi; mine != (v == v) {
				t.Fatalf("dst[%d], in its blocks: %v, is set: %v", i, mine, v == v)
			}
		}
	}
}
