package probe

import (
	"math"
	"slices"
	"strings"
	"testing"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
	"basin/rng"
)

// matrixPass is a pass over one matrix, or a chain of them, each m x n.
func matrixPass(start, x []float64, shapes ...[2]int) *Pass {
	var blocks []problem.Block
	for i, s := range shapes {
		blocks = append(blocks, problem.Block{Name: "w" + string(rune('1'+i)), Shape: s[:]})
	}
	return &Pass{Layout: problem.NewLayout(blocks...), X: x, Start: start, Path: math.NaN(), Eps: 0x1p-52}
}

func TestPathNorm(t *testing.T) {
	layout := problem.NewLayout(
		problem.Block{Name: "a", Shape: []int{2, 2}}, problem.Block{Name: "a.bias", Role: problem.Bias, Shape: []int{2}},
		problem.Block{Name: "b", Shape: []int{1, 2}}, problem.Block{Name: "b.bias", Role: problem.Bias, Shape: []int{1}})
	pass := &Pass{Layout: layout, X: []float64{1, -2, 3, 0, 1, -1, 2, -1, .5}, Eps: 0x1p-52}
	r := ask(t, pass, "norm")
	// Units: 1 + 2 + 1 and 3 + 1; output: 2 4 + 1 4 + 0.5. In squares 6, 10 and 24 + 10 + 0.25.
	near(t, "norm_path_l1", r["norm_path_l1"].Value, 12.5, 1e-15)
	near(t, "norm_path", r["norm_path"].Value, math.Sqrt(34.25), 1e-15)
	// Of [1 -2; 3 0] the squares are the roots of l^2 - 14 l + 36.
	near(t, "norm_spectral", r["norm_spectral"].Value, math.Sqrt(7+math.Sqrt(13)), 1e-14)

	pass.Layout = problem.NewLayout(problem.Block{Name: "a", Shape: []int{2, 2}}, problem.Block{Name: "gain", Role: problem.Gain, Shape: []int{5}})
	pass.known = nil
	if r := ask(t, pass, "norm")["norm_path"]; r.None != "the blocks are no chain of weight matrices (gain)" {
		t.Errorf("%+v", r)
	}
}

// Decay makes the change a matrix of full rank; the residual shows what else there is.
func TestResidual(t *testing.T) {
	const n = 4
	start, x := make([]float64, n*n), make([]float64, n*n)
	for i := range n {
		start[i*n+i] = 2
		x[i*n+i] = 1
	}
	r := ask(t, matrixPass(start, x, [2]int{n, n}), "rank, distance")
	near(t, "start_coefficient", r["start_coefficient"].Value, .5, 1e-15)
	near(t, "erank_delta", r["erank_delta"].Value, n, 1e-13)
	if r["erank_residual"].None != "the matrix is zero" {
		t.Errorf("erank_residual %+v", r["erank_residual"])
	}
	x[1] = 3
	r = ask(t, matrixPass(start, x, [2]int{n, n}), "rank, distance")
	near(t, "start_coefficient", r["start_coefficient/w1"].Value, .5, 1e-15)
	for _, name := range []string{"erank_residual", "stable_rank_residual", "participation_ratio_residual", "numerical_rank_residual"} {
		near(t, name, r[name].Value, 1, 1e-13)
	}
	near(t, "numerical_rank_delta", r["numerical_rank_delta"].Value, n, 0)
	r = ask(t, matrixPass(make([]float64, n*n), x, [2]int{n, n}), "rank, distance")
	near(t, "erank_residual", r["erank_residual"].Value, r["erank"].Value, 0)
	if r["start_coefficient"].None != "the start is zero" {
		t.Errorf("start_coefficient %+v", r["start_coefficient"])
	}
	if r := ask(t, matrixPass(nil, x, [2]int{n, n}), "rank"); r["erank_residual"].None != "the start is not known" {
		t.Errorf("erank_residual %+v", r["erank_residual"])
	}
}

// Rounding in the weights is no rank of their change.
func TestRankOfRoundedChange(t *testing.T) {
	const m, n = 30, 50
	start, x := make([]float64, m*n), make([]float64, m*n)
	s := rng.At(1, "rounded", 0)
	for i := range start {
		start[i] = float64(float32(s.Norm()))
		x[i] = float64(float32(start[i] + 1e-2*float64(1+i/n)*float64(i%n-9)))
	}
	p := matrixPass(start, x, [2]int{m, n})
	p.Eps = 0x1p-23
	r := ask(t, p, "rank")
	near(t, "numerical_rank_delta", r["numerical_rank_delta"].Value, 1, 0)
	near(t, "stable_rank_delta", r["stable_rank_delta"].Value, 1, 1e-9)

	for i, v := range start { // a change that is rounding alone
		x[i] = float64(float32(.7 * v))
	}
	p = matrixPass(start, x, [2]int{m, n})
	p.Eps = 0x1p-23
	if r := ask(t, p, "rank")["erank_residual"]; r.None != "the matrix is zero but for rounding" {
		t.Errorf("erank_residual %+v", r)
	}
}

// What the catalogue says of random matrices, within five standard deviations.
func TestParticipationRatioOfGaussian(t *testing.T) {
	const m, n = 60, 90
	a := make([]float64, m*n)
	s := rng.At(1, "participation", 0)
	for i := range a {
		a[i] = s.Norm()
	}
	sp, err := spectrumOf(a, m, n, 0x1p-52)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "participation ratio", sp.participationRatio(), m*n/float64(m+n), .05)
}

// The change times the inputs of the second layer, which are the activations of the
// first, without any moments.
func TestWeightedChange(t *testing.T) {
	for _, model := range []string{"mlp(5, 4)", "mlp(5, 4, bias=false)"} {
		p, x := network[float64](t, model, 3, problem.SoftmaxCrossEntropy)
		pass := NewPass(p, x, math.NaN(), 1)
		r := ask(t, pass, "lowrank(set=test)")
		f, err := Need(pass, Features{"test", 500})
		if err != nil {
			t.Fatal(err)
		}
		d := slices.Clone(block(x, p.Layout, "layer2.weight"))
		kernel.Axpy(d, -1, block(p.Start, p.Layout, "layer2.weight"))
		out := make([]float64, 4*f.N)
		for i := range 4 {
			for j := range f.N {
				out[i*f.N+j] = kernel.Dot(d[i*5:(i+1)*5], f.Values[0][j*5:(j+1)*5])
			}
		}
		want, err := spectrumOf(out, 4, f.N, 0x1p-52)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range dimensions {
			near(t, s.name, r[s.name+"_weighted/layer2.weight"].Value, s.of(want), 1e-7)
		}
		if !r["erank_weighted/head.weight"].Defined() || !r["erank_weighted/layer1.weight"].Defined() {
			t.Error("a layer is left out")
		}
	}
}

// The loss is 1 + |W - W*|^2 / 2, so that truncation to rank r adds half the squares
// of the singular values that are left out.
func TestLowRank(t *testing.T) {
	const n = 6
	values := []float64{1, .5, .3, .2, .1, 0}
	start, x := make([]float64, n*n), make([]float64, n*n)
	s := rng.At(1, "lowrank", 0)
	a := make([]float64, n*n)
	for i := range a {
		a[i], start[i] = s.Norm(), s.Norm()
	}
	u, _, vt, err := linop.SVD(a, n, n)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		for j := range n {
			x[i*n+j] = start[i*n+j]
			for k, v := range values {
				x[i*n+j] += u[i*n+k] * v * vt[k*n+j]
			}
		}
	}
	pass := matrixPass(start, x, [2]int{n, n})
	pass.Sets = map[string]problem.Objective[float64]{"train": &bare{layout: pass.Layout, loss: func(y []float64) float64 {
		d := slices.Clone(y)
		kernel.Axpy(d, -1, x)
		return 1 + kernel.Dot(d, d)/2
	}}}
	r := ask(t, pass, "lowrank")
	near(t, "truncated to 1", r["truncated_loss/1"].Value, 1.195, 1e-14)
	near(t, "truncated to 2", r["truncated_loss/2"].Value, 1.07, 1e-14)
	near(t, "truncated to 4", r["truncated_loss/4"].Value, 1.005, 1e-14)
	for want, tol := range map[float64]string{0: ".7", 1: ".2", 2: ".08", 3: ".05", 4: ".01", 5: "1e-3"} {
		r := ask(t, pass, "lowrank(tol="+tol+")")
		near(t, "change_rank at "+tol, r["change_rank"].Value, want, 0)
		near(t, "change_rank of the block at "+tol, r["change_rank/w1"].Value, want, 0)
	}

	// With the start a multiple of the identity and W a smaller one and a single entry,
	// the change has full rank and the residual rank one.
	clear(start)
	clear(x)
	for i := range n {
		start[i*n+i], x[i*n+i] = 4, 2
	}
	x[2] = 3
	pass.known = nil
	r = ask(t, pass, "lowrank")
	near(t, "change_rank", r["change_rank"].Value, n, 0)
	near(t, "residual_rank", r["residual_rank"].Value, 1, 0)

	pass.known, pass.X = nil, slices.Clone(start)
	copy(x, start)
	if r := ask(t, pass, "lowrank"); r["change_rank"].Value != 0 {
		t.Errorf("at the start: %+v", r["change_rank"])
	}
}

func TestLeastRank(t *testing.T) {
	for highest := 1; highest <= 40; highest++ {
		for want := 0; want <= highest; want++ {
			asked := 0
			got := leastRank(highest, func(r int) bool { asked++; return r >= want })
			if got != want || asked > 2*8 {
				t.Errorf("%d of %d: got %d after %d", want, highest, got, asked)
			}
		}
	}
}

// 60 quantiles of a power law of density exponent 2.5 above 40 evenly spaced values;
// the fit was computed with NumPy over all l_min.
func TestPowerLaw(t *testing.T) {
	var s []float64
	for i := range 60 {
		s = append(s, math.Sqrt(math.Pow((float64(i)+.5)/60, -1/1.5)))
	}
	for i := range 40 {
		s = append(s, math.Sqrt(.9-.88*float64(i)/39))
	}
	got, err := fitTail(s, 10)
	if err != nil || got.n != 60 {
		t.Fatalf("%+v, error %v", got, err)
	}
	near(t, "alpha", got.alpha, 2.52150325686, 1e-11)
	near(t, "distance", got.distance, 1./60, 1e-11)

	for i := range s { // no unit matters, however large or small
		s[i] *= 1e-170
	}
	tiny, _ := fitTail(s, 10)
	near(t, "alpha", tiny.alpha, got.alpha, 1e-11)

	if _, err := fitTail(s[:9], 10); err == nil || err.Error() != "fewer than 10 eigenvalues" {
		t.Errorf("of nine: error %v", err)
	}
	if _, err := fitTail([]float64{2, 2, 2}, 2); err == nil || err.Error() != "the eigenvalues are all the same" {
		t.Errorf("of equals: error %v", err)
	}
}

func TestPowerLawWarns(t *testing.T) {
	p, x := network[float64](t, "mlp(20, 20)", 3, problem.SoftmaxCrossEntropy)
	r := ask(t, NewPass(p, x, math.NaN(), 1), "powerlaw")
	if w := r["alpha/layer2.weight"].Warnings; len(w) != 1 || !strings.HasPrefix(w[0], "a fit to 1") {
		t.Errorf("warnings %q", w)
	}
	if w := r["alpha"].Warnings; len(w) != 2 || w[1] != "1 of 1 blocks have warnings" {
		t.Errorf("warnings %q", w)
	}
	if r["alpha/layer1.weight"].None != "fewer than 10 eigenvalues" || !(r["alpha"].Err > 0) {
		t.Errorf("%+v, %+v", r["alpha/layer1.weight"], r["alpha"])
	}
}

func TestAlignment(t *testing.T) {
	const angle = .3
	c, s := math.Cos(angle), math.Sin(angle)
	// W_1 gives most to (c, s), W_2 looks most at (1, 0).
	x := []float64{3 * c, -s, 3 * s, c, 5, 0, 0, 1, 0, 0}
	pass := matrixPass(make([]float64, 10), x, [2]int{2, 2}, [2]int{3, 2})
	r := ask(t, pass, "alignment")
	near(t, "alignment", r["alignment"].Value, c, 1e-14)
	near(t, "alignment of the block", r["alignment/w2"].Value, c, 1e-14)
	near(t, "alignment_delta", r["alignment_delta"].Value, c, 1e-14)

	x = []float64{1, 0, 0, 1, 5, 0, 0, 1, 0, 0}
	r = ask(t, matrixPass(x, x, [2]int{2, 2}, [2]int{3, 2}), "alignment")
	if r["alignment"].None != "the largest singular value is not single" || r["alignment_delta"].None != "the matrix is zero" {
		t.Errorf("%+v, %+v", r["alignment"], r["alignment_delta"])
	}
	r = ask(t, matrixPass(x[:4], x[:4], [2]int{2, 2}), "alignment, balance")
	if r["alignment"].None != "the model has a single layer" || r["imbalance"].None != "the model has a single layer" {
		t.Errorf("%+v, %+v", r["alignment"], r["imbalance"])
	}
}

func TestBalance(t *testing.T) {
	x := []float64{1, 2, 0, 1, 1, 0, 1, 1}
	r := ask(t, matrixPass(nil, x, [2]int{2, 2}, [2]int{2, 2}), "balance")
	// A = [5 2; 2 1], B = [2 1; 1 1].
	near(t, "imbalance_norm", r["imbalance_norm"].Value, math.Sqrt(11), 1e-15)
	near(t, "imbalance", r["imbalance"].Value, math.Sqrt(11)/(math.Sqrt(34)+math.Sqrt(7)), 1e-15)
	near(t, "imbalance_units", r["imbalance_units/w2"].Value, 1./3, 1e-15)
	// W_2 = Q W_1' with Q orthogonal is balanced.
	x = []float64{1, 2, 3, 4, 5, 6, 2, 5, -1, -4, 3, 6}
	r = ask(t, matrixPass(nil, x, [2]int{2, 3}, [2]int{3, 2}), "balance")
	near(t, "imbalance of balanced layers", 1+r["imbalance"].Value, 1, 1e-15)
	near(t, "imbalance_units of balanced layers", 1+r["imbalance_units"].Value, 1, 1e-15)
}

// Uniform quantizers of a Gaussian with 3, 7 and 15 levels: the steps of Max (1960),
// with errors, computed from their integrals to more digits.
func TestLeastSquaresStep(t *testing.T) {
	const n = 20001
	w := make([]float64, n)
	for i := range w {
		w[i] = math.Sqrt2 * math.Erfinv(2*(float64(i)+.5)/n-1)
	}
	for _, c := range []struct {
		bits        int
		step, error float64
	}{{2, 1.22400634, .19017404}, {3, .65076970, .04685997}, {4, .35341133, .01288939}} {
		for _, unit := range []float64{1, 1e200, 1e-200} {
			v := slices.Clone(w)
			kernel.Scale(v, unit)
			(&quantization{Scale: "mse"}).round(v, c.bits)
			kernel.Scale(v, 1/unit)
			near(t, "top level", kernel.AbsMax(v), c.step*(math.Ldexp(1, c.bits-1)-1), 2e-3)
			kernel.Axpy(v, -1, w)
			near(t, "error", kernel.Dot(v, v)/n, c.error, 3e-3)
		}
	}
}

func TestRounding(t *testing.T) {
	w := []float64{3, -1.4, .6, 0, -3, 2}
	for _, c := range []struct {
		scale string
		bits  int
		want  []float64
	}{
		{"max", 2, []float64{3, 0, 0, 0, -3, 3}}, {"max", 3, []float64{3, -1, 1, 0, -3, 2}},
		{"mse", 2, []float64{2.35, -2.35, 0, 0, -2.35, 2.35}}, // (3 + 1.4 + 3 + 2) / 4
	} {
		got := slices.Clone(w)
		(&quantization{Scale: c.scale}).round(got, c.bits)
		for i, v := range got {
			near(t, c.scale, v, c.want[i], 1e-14)
		}
	}
	zero := make([]float64, 3)
	(&quantization{Scale: "mse"}).round(zero, 2)
	if kernel.AbsMax(zero) != 0 {
		t.Errorf("of zeros: %v", zero)
	}
}

func TestQuantization(t *testing.T) {
	pass, p, x := passOf[float64]()
	f := p.Sets["test"].(*regression[float64])
	r := ask(t, pass, "quantization(examples=0, bits=[2, 16, 3], scale=max)")
	for bits, suffix := range map[int]string{2: "/2", 16: "/16"} {
		for name, width := range map[string]int{"": 24, "_channel": 6} {
			y := slices.Clone(x)
			for lo := 0; lo < 24; lo += width {
				row := y[lo : lo+width]
				step := kernel.AbsMax(row) / float64(int(1)<<(bits-1)-1)
				for i, v := range row {
					row[i] = step * math.Round(v/step)
				}
			}
			near(t, "loss"+name+suffix, r["quantized_loss"+name+suffix].Value, f.Loss(y), 1e-13)
		}
	}
	near(t, "loss at 16 bits", r["quantized_loss/16"].Value, f.Loss(x), 1e-3)
	// The least number is that of the first fall, from the most bits on.
	r = ask(t, pass, "quantization(examples=0, tol=1)")
	near(t, "bits", r["quantized_bits"].Value, 2, 0)
	want := ask(t, pass, "accuracy")["test_accuracy"].Value
	r = ask(t, pass, "quantization(examples=0, tol=0)")
	for bits := 8; bits >= 2; bits-- {
		name := part("quantized_accuracy", string(rune('0'+bits)))
		if r[name].Value < want {
			if got := r["quantized_bits"]; got.Value != float64(bits+1) && !(bits == 8 && got.None != "") {
				t.Errorf("bits %+v with %s at %v of %v", got, name, r[name].Value, want)
			}
			break
		}
	}
	pass.X[2] = math.NaN()
	pass.known = nil
	if r := ask(t, pass, "quantization"); r["quantized_loss"].None != "some weights are not finite" {
		t.Errorf("%+v", r["quantized_loss"])
	}
}

// Where targets are not classes the loss is still read.
func TestAlteredRegression(t *testing.T) {
	p, x := network[float64](t, "mlp(5, 4)", 2, problem.Squared)
	r := ask(t, NewPass(p, x, math.NaN(), 1), "pruning, quantization(bits=[16])")
	near(t, "quantized_loss", r["quantized_loss/16"].Value, p.Sets["test"].Loss(x), 1e-3)
	if !r["pruned_loss/0.5"].Defined() || !r["pruned_loss_global/0.5"].Defined() {
		t.Error("no loss of pruned weights")
	}
	for _, name := range []string{"pruned_area", "pruned_accuracy/0.5", "quantized_bits", "quantized_accuracy_channel/16"} {
		if r[name].None != "the targets are not classes" {
			t.Errorf("%s: %+v", name, r[name])
		}
	}
}

func TestGlobalSparsity(t *testing.T) {
	x := []float64{3, -1, 2, 10, -5, 4, 7, 6, 9, -8}
	r := ask(t, matrixPass(nil, x, [2]int{2, 2}, [2]int{3, 2}), "sparsity(thresholds=[0.5, 0.2, 0.5])")
	near(t, "Gini", r["gini_global"].Value, .3, 1e-14)
	near(t, "Hoyer", r["hoyer_global"].Value, .16612950, 5e-8)
	near(t, "near zero", r["near_zero_global/0.2"].Value, .1, 1e-15) // of root mean square 6.2
	near(t, "near zero", r["near_zero_global/0.5"].Value, .3, 1e-15)
	near(t, "kurtosis", r["kurtosis_global"].Value, kurtosis(x), 0)
}
