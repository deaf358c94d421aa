package probe

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
)

// quadraticPass is a pass over a diagonal quadratic of two blocks.
func quadraticPass(d, x []float64) *Pass {
	f := quadratic(d)
	half := len(d) / 2
	f.layout = problem.NewLayout(problem.Block{Name: "a", Shape: []int{half}}, problem.Block{Name: "b", Shape: []int{len(d) - half}})
	return &Pass{Layout: f.layout, X: x, Start: make([]float64, len(d)), Path: math.NaN(), Eps: 0x1p-52, Seed: 1,
		Sets: map[string]problem.Objective[float64]{"train": f}}
}

func TestCurvatureOfQuadratic(t *testing.T) {
	d := []float64{9, -4, 2.5, 1, .5, 0, 0, 3}
	r := ask(t, quadraticPass(d, make([]float64, len(d))), "eigenvalues(top=3, bottom=2, tol=1e-12, blocks=true), trace(probes=48), density(below=[-1, 0.7, 4])")
	for name, want := range map[string]float64{
		"eigen_top": 9, "eigen_top/2": 3, "eigen_top/3": 2.5, "eigen_bottom": -4, "eigen_bottom/2": 0, "eigen_ipr": 8,
		"eigen_share": 1, "eigen_share/a": 1, "eigen_share/b": 0,
		"eigen_block_top": 9, "eigen_block_top/b": 3, "eigen_block_bottom": -4, "eigen_block_bottom/b": 0,
		"trace_hutchinson": 12, "trace_hutchinson/a": 8.5, "trace_hutchinson/b": 3.5, "trace_hutchpp": 12,
		"frobenius": math.Sqrt(kernel.Dot(d, d)), "density_outliers": 1, "density_gap": 3, "density_edge": 3,
	} {
		near(t, name, 1+r[name].Value, 1+want, 1e-12)
	}
	// Shares are of a measure at random vectors, 1/8 for each eigenvalue on average.
	for name, want := range map[string]float64{"density_below/-1": 1. / 8, "density_below/0.7": 4. / 8, "density_below/4": 7. / 8, "density_negative": 1. / 8, "density_zero": 2. / 8, "density_negative_weight": 4. / 20} {
		if off := math.Abs(r[name].Value - want); off > 4*r[name].Err || r[name].Err > .3 {
			t.Errorf("%s is %v +- %v, want %v", name, r[name].Value, r[name].Err, want)
		}
	}
	for _, name := range []string{"eigen_logit_factor", "trace_logit_factor", "density_logit_factor"} {
		if r[name].None == "" {
			t.Errorf("%s has the value %v", name, r[name].Value)
		}
	}
}

// gaussNewton is J'LJ by central differences of the outputs.
func gaussNewton(t *testing.T, f problem.Objective[float64], x []float64) []float64 {
	o, err := predict(f, x, "train")
	if err != nil {
		t.Fatal(err)
	}
	const h = 1e-5
	n := len(x)
	jacobian := make([][]float64, n)
	y := slices.Clone(x)
	for i := range n {
		y[i] = x[i] + h
		plus, _ := predict(f, y, "train")
		y[i] = x[i] - h
		minus, _ := predict(f, y, "train")
		y[i] = x[i]
		kernel.Axpy(plus.Z, -1, minus.Z)
		kernel.Scale(plus.Z, 1/(2*h))
		jacobian[i] = plus.Z
	}
	dense, prob := make([]float64, n*n), make([]float64, o.K)
	for e := range o.N {
		softmax(prob, o.Row(e))
		for i := range n {
			u := slices.Clone(jacobian[i][e*o.K : (e+1)*o.K])
			if o.Kind == problem.SoftmaxCrossEntropy {
				mean := kernel.Dot(prob, u)
				for c := range u {
					u[c] = prob[c] * (u[c] - mean)
				}
			}
			for j := range n {
				dense[i*n+j] += kernel.Dot(u, jacobian[j][e*o.K:(e+1)*o.K]) / float64(o.N)
			}
		}
	}
	return dense
}

// empiricalFisher is the mean of g g' over the gradients of single examples.
func empiricalFisher(f problem.Objective[float64], x []float64) []float64 {
	e, _ := problem.As[problem.ExampleGrader[float64]](f)
	count, _ := examples(f)
	n := len(x)
	g, dense := make([]float64, count*n), make([]float64, n*n)
	e.ExampleGrads(g, x, 0, count)
	for k := range count {
		for i := range n {
			kernel.Axpy(dense[i*n:(i+1)*n], g[k*n+i]/float64(count), g[k*n:(k+1)*n])
		}
	}
	return dense
}

// Every matrix, whole and by block, in both precisions against dense ones of the float64
// network.
func TestCurvatureOfNetwork(t *testing.T) {
	for _, c := range []struct {
		model   string
		outputs int
		kind    problem.LossKind
	}{{"mlp(4, 3, act=tanh)", 3, problem.SoftmaxCrossEntropy}, {"mlp(5, act=gelu)", 2, problem.Squared}} {
		p, x := network[float64](t, c.model, c.outputs, c.kind)
		q, y := network[float32](t, c.model, c.outputs, c.kind)
		f, n := p.Sets["train"], len(x)
		dense := map[string][]float64{"hessian": differences(f, x), "gauss_newton": gaussNewton(t, f, x), "empirical_fisher": empiricalFisher(f, x)}
		dense["fisher"] = dense["gauss_newton"]
		for matrix, a := range dense {
			values, vectors, err := linop.SymEig(a, n)
			if err != nil {
				t.Fatal(err)
			}
			top := values[n-1]
			ipr := 0.
			for i := range n {
				ipr += float64(n) * math.Pow(vectors[i*n+n-1], 4)
			}
			probes := fmt.Sprintf("eigenvalues(matrix=%s, top=2, tol=1e-11, steps=1000, blocks=true), trace(matrix=%s, probes=%d)", matrix, matrix, 3*n)
			for precision, pass := range map[string]*Pass{"float64": NewPass(p, x, math.NaN(), 1), "float32": NewPass(q, y, math.NaN(), 1)} {
				r := ask(t, pass, strings.Replace(probes, "1e-11", map[string]string{"float64": "1e-11", "float32": "1e-4"}[precision], 1))
				tol := map[string]float64{"float64": 1e-8, "float32": 1e-3}[precision]
				check := func(name string, want, scale float64) {
					t.Helper()
					if off := math.Abs(r[name].Value - want); !(off <= tol*scale) {
						t.Errorf("%s %s in %s, %s: %v, want %v", c.model, matrix, precision, name, r[name].Value, want)
					}
				}
				check("eigen_top", top, top)
				check("eigen_top/2", values[n-2], top)
				check("eigen_bottom", values[0], top)
				check("eigen_ipr", ipr, ipr)
				trace := 0.
				for i := range n {
					trace += a[i*n+i]
				}
				check("trace_hutchpp", trace, trace) // of so many products, exact
				if h := r["trace_hutchinson"]; math.Abs(h.Value-trace) > 4*h.Err {
					t.Errorf("%s trace %v +- %v, want %v", matrix, h.Value, h.Err, trace)
				}
				if h := r["frobenius"]; math.Abs(h.Value-kernel.Norm2(a)) > 4*h.Err {
					t.Errorf("%s frobenius %v +- %v, want %v", matrix, h.Value, h.Err, kernel.Norm2(a))
				}
				for _, b := range p.Layout.Blocks {
					m := b.Len()
					part := make([]float64, m*m)
					trace = 0
					for i := range m {
						copy(part[i*m:(i+1)*m], a[(b.Off+i)*n+b.Off:])
						trace += part[i*m+i]
					}
					own, _ := linop.SymValues(part, m)
					check("eigen_block_top/"+b.Name, own[m-1], top)
					check("eigen_block_bottom/"+b.Name, own[0], top)
					if h := r["trace_hutchinson/"+b.Name]; math.Abs(h.Value-trace) > 4.5*h.Err {
						t.Errorf("%s trace of %s %v +- %v, want %v", matrix, b.Name, h.Value, h.Err, trace)
					}
				}
			}
		}
	}
}

// The whole distribution, against the eigenvalues of the dense Hessian.
func TestDensityOfNetwork(t *testing.T) {
	p, x := network[float64](t, "mlp(8, 6, act=tanh)", 3, problem.SoftmaxCrossEntropy)
	values, err := linop.SymValues(differences(p.Sets["train"], x), len(x))
	if err != nil {
		t.Fatal(err)
	}
	n := len(values)
	below := func(x float64) float64 {
		i, _ := slices.BinarySearch(values, x)
		return float64(i) / float64(n)
	}
	r := ask(t, NewPass(p, x, math.NaN(), 1), "density(probes=64, steps=60)")
	check := func(name string, want, most float64) {
		t.Helper()
		if off := math.Abs(r[name].Value - want); off > 3*r[name].Err+1e-9 || r[name].Err > most {
			t.Errorf("%s is %v +- %v, want %v", name, r[name].Value, r[name].Err, want)
		}
	}
	for _, at := range []float64{-.1, -.01, .01, .1, 1} {
		check("density_below/"+number(at), below(at), .15)
	}
	for _, at := range []float64{.05, .25, .5, .75, .95} {
		check("density_quantile/"+number(at), values[int(at*float64(n))], .1*values[n-1])
	}
	top := max(values[n-1], -values[0])
	check("density_negative", below(-1e-3*top), .15)
	check("density_zero", below(1e-3*top)-below(-1e-3*top), .2)
	var negative, all float64
	for _, v := range values {
		negative += max(-v, 0)
		all += math.Abs(v)
	}
	check("density_negative_weight", negative/all, .03)
	count := int(r["density_outliers"].Value)
	near(t, "edge", r["density_edge"].Value, values[n-1-count], 1e-3)
	near(t, "gap", r["density_gap"].Value, values[n-count]/values[n-1-count], 1e-2)
	for i := 1; i < 8; i++ {
		if values[n-i]/values[n-1-i] > r["density_gap"].Value*(1+1e-2) {
			t.Errorf("the gap after %d is larger than that after %d", i, count)
		}
	}
}

// counting counts the products with f.
type counting struct {
	problem.Objective[float64]
	products int
}

func (c *counting) Unwrap() problem.Objective[float64] { return c.Objective }

func (c *counting) MulVec(m problem.Matrix, dst, x, v []float64) bool {
	c.products++
	return c.Objective.MulVec(m, dst, x, v)
}

func TestCostOfEigenvalues(t *testing.T) {
	p, x := network[float64](t, "mlp(64, 64)", 10, problem.SoftmaxCrossEntropy)
	c := &counting{Objective: p.Sets["train"]}
	pass := NewPass(p, x, math.NaN(), 1)
	pass.Sets["train"] = c
	loose := ask(t, pass, "eigenvalues")["eigen_top"]
	if c.products > 35 { // with one that is repeated and two for the residuals
		t.Errorf("%d products", c.products)
	}
	pass.known = nil
	near(t, "eigen_top", loose.Value, ask(t, pass, "eigenvalues(tol=1e-10, steps=200)")["eigen_top"].Value, 1e-3)
}
