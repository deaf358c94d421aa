package nn

import (
	"slices"
	"testing"

	"basin/problem"
	"basin/rng"
)

// Whatever was computed before, at other points, on other examples in the same
// memory, by other objectives, with room for all, for some or for none of the first
// stages, a product has the bits that an engine of its own gives it.
func TestProductsArePure(t *testing.T) {
	for _, limit := range []int{0, 1, 6000} {
		const model = "mlp(5, 3, norm=batch, dropout=0.3)"
		s := newSubject[float32](t, model, problem.SoftmaxCrossEntropy, 11)
		e := NewEngine[float32](s.net, problem.SoftmaxCrossEntropy, 3)
		e.stages.limit = limit
		draw := rng.At(1, "products", limit)
		other := s.examples.Room(4)
		other.Gather(s.examples, []int{1, 7, 2, 2})
		objectives := []*Objective[float32]{e.Objective(s.examples), e.Objective(other), e.Training(s.examples, 1).o}
		x, v := slices.Clone(s.x), normals[float32](&draw, len(s.x))
		got, want := make([]float32, len(x)), make([]float32, len(x))
		for range 40 {
			o := objectives[draw.IntN(len(objectives))]
			switch i := draw.IntN(9); i {
			case 0:
				x[draw.IntN(len(x))] *= -1
			case 1:
				v[draw.IntN(len(x))] *= -1
			case 2:
				o.examples.X[draw.IntN(len(o.examples.X))] += 0.5
			case 3:
				o.examples.Labels[draw.IntN(o.examples.N)] = draw.IntN(3)
			case 4:
				objectives[2].noise = uint64(draw.IntN(2))
			case 5:
				e.Calibrate(s.x, other)
			case 6:
				e.Calibrate(x, s.examples)
			}
			m := []problem.Matrix{problem.Hessian, problem.GaussNewton}[draw.IntN(2)]
			o.MulVec(m, got, x, v)
			fresh := *o
			fresh.engine = NewEngine[float32](s.net, problem.SoftmaxCrossEntropy, 3)
			copy(fresh.engine.state, e.state)
			fresh.MulVec(m, want, x, v)
			if !slices.Equal(got, want) {
				t.Fatalf("limit %d: %v product differs from that of a fresh engine", limit, m)
			}
			if limit > 0 && e.stages.bytes > limit {
				t.Fatalf("limit %d: %d bytes are kept", limit, e.stages.bytes)
			}
		}
	}
}

// ready counts the chunks of an objective whose first stage is kept.
func (o *Objective[T]) ready(q quantity) (count int) {
	chunk := o.chunk(q)
	for lo := 0; lo < o.examples.N; lo += chunk {
		key := planKey{q, min(chunk, o.examples.N-lo), o.mode}
		for _, s := range o.engine.stages.list {
			if s.key == key && !s.stale && s.lo == lo && s.noise == o.noiseFrom(lo) && s.holds(o.examples) {
				count++
			}
		}
	}
	return count
}

func TestFirstStagesAreKept(t *testing.T) {
	s := newSubject[float32](t, "mlp(5, 3)", problem.SoftmaxCrossEntropy, 8)
	e := NewEngine[float32](s.net, problem.SoftmaxCrossEntropy, 2)
	o, dst, y := e.Objective(s.examples), make([]float32, len(s.x)), slices.Clone(s.x)
	y[0]++
	o.MulVec(problem.Hessian, dst, s.x, s.x)
	if got := o.ready(hessianOf); got != 4 {
		t.Errorf("%d of 4 chunks are kept", got)
	}
	all := e.stages.bytes
	o.MulVec(problem.GaussNewton, dst, s.x, s.x)
	if h, g := o.ready(hessianOf), o.ready(gaussNewtonOf); h != 4 || g != 4 {
		t.Errorf("of two matrices, %d and %d of 4 chunks are kept", h, g)
	}
	o.MulVec(problem.Hessian, dst, y, s.x)
	o.MulVec(problem.GaussNewton, dst, y, s.x)
	if h, g, n := o.ready(hessianOf), o.ready(gaussNewtonOf), len(e.stages.list); h != 4 || g != 4 || n != 8 {
		t.Errorf("at another point %d and %d of 4 chunks are kept, in %d places", h, g, n)
	}

	// With room for half of them, the first half is found again and again.
	e = NewEngine[float32](s.net, problem.SoftmaxCrossEntropy, 2)
	o, e.stages.limit = e.Objective(s.examples), all/2
	for range 3 {
		o.MulVec(problem.Hessian, dst, s.x, s.x)
		if got := o.ready(hessianOf); got != 2 || e.stages.list[0].lo != 0 || e.stages.list[1].lo != 2 {
			t.Errorf("%d chunks are kept where there is room for 2", got)
		}
	}
	// Another objective takes their place when they are not asked for any more.
	part := s.examples.Room(4)
	part.Gather(s.examples, []int{7, 6, 5, 4})
	p := e.Objective(part)
	for range 2 {
		p.MulVec(problem.Hessian, dst, s.x, s.x)
	}
	if got := p.ready(hessianOf); got != 2 {
		t.Errorf("%d of 2 chunks of another objective are kept", got)
	}
}

func TestProductsAllocateNothing(t *testing.T) {
	s := newSubject[float32](t, "mlp(5, 3)", problem.SoftmaxCrossEntropy, 8)
	dst, x := make([]float32, len(s.x)), slices.Clone(s.x)
	for _, limit := range []int{0, 1} {
		o := s.objective(4)
		o.engine.stages.limit = limit
		f := func() {
			x[0]++
			o.MulVec(problem.Hessian, dst, x, s.x)
			o.MulVec(problem.Hessian, dst, x, s.x)
		}
		f()
		if n := testing.AllocsPerRun(10, f); n != 0 {
			t.Errorf("limit %d: %v allocations", limit, n)
		}
	}
}
