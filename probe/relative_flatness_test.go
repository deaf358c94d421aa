package probe

import (
	"math"
	"testing"

	"basin/kernel"
	"basin/problem"
)

// With products enough for the whole space the estimate is exact: it is the sum of its
// definition over a Hessian by differences, in layers that are wide and that are narrow.
func TestRelativeFlatness(t *testing.T) {
	p, x := network[float64](t, "mlp(7, 4, act=tanh)", 3, problem.SoftmaxCrossEntropy)
	n := len(x)
	dense := differences(p.Sets["train"], x)
	r := ask(t, NewPass(p, x, math.NaN(), 1), "relative_flatness(probes=300)")
	total := 0.
	for _, b := range matrices(p.Layout) {
		out, in, _ := b.Matrix()
		w := problem.View(x, b)
		want := 0.
		for s := range out {
			for u := range out {
				trace := 0.
				for k := range in {
					trace += dense[(b.Off+s*in+k)*n+b.Off+u*in+k]
				}
				want += kernel.Dot(w[s*in:(s+1)*in], w[u*in:(u+1)*in]) * trace
			}
		}
		total += want
		near(t, b.Name, r[part("relative_flatness", b.Name)].Value, want, 1e-7)
	}
	near(t, "sum", r["relative_flatness"].Value, total, 1e-7)
	few := ask(t, NewPass(p, x, math.NaN(), 1), "relative_flatness")["relative_flatness"]
	if off := math.Abs(few.Value - total); off > 4*few.Err {
		t.Errorf("by 30 products %v +- %v, want %v", few.Value, few.Err, total)
	}
}

// Softmax regression at zero weights has no relative curvature, whatever its Hessian.
func TestRelativeFlatnessAtZero(t *testing.T) {
	p, x := network[float64](t, "linear", 3, problem.SoftmaxCrossEntropy)
	clear(x)
	if r := ask(t, NewPass(p, x, math.NaN(), 1), "relative_flatness, trace"); r["relative_flatness"].Value != 0 || !(r["trace_hutchpp"].Value > 0) {
		t.Errorf("%+v", r["relative_flatness"])
	}
}
