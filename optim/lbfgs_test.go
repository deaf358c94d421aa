package optim

import (
	"fmt"
	"math"
	"testing"

	"basin/problem"
)

// The strong Wolfe search goes where PyTorch 1.13.1's torch.optim.LBFGS goes, in float64:
// four calls of step() from w_i = 0.9 cos(2i), i = 0..8, with tolerance_grad=1e-7 and
// tolerance_change=1e-9. func_evals is read after each call, the rest after the last.
func TestStrongWolfeAsPyTorch(t *testing.T) {
	for _, c := range []struct {
		function, settings string
		evals              [4]int
		loss, first, last  float64
	}{
		{"waves", "lr=1, max_iter=4, max_eval=0, history_size=5", [4]int{5, 10, 15, 18}, -0.317433724984, 0.588621200865, 1.00419984102},
		{"waves", "lr=0.02, max_iter=3, max_eval=0, history_size=2", [4]int{4, 8, 11, 14}, 0.509368800246, 0.724400279363, 0.598968688848},
		{"waves", "lr=30, max_iter=6, max_eval=40, history_size=3", [4]int{13, 26, 27, 28}, -0.317433724864, 0.588619075567, 1.00420102334},
		{"waves", "lr=1, max_iter=25, max_eval=0, history_size=10", [4]int{14, 15, 16, 17}, -0.317433724622, 0.588638410271, 1.00420759428},
		{"bumps", "lr=1, max_iter=4, max_eval=0, history_size=5", [4]int{5, 10, 15, 20}, -1.9471082039, 0.991841381313, 1.03424045198},
		{"bumps", "lr=0.02, max_iter=3, max_eval=0, history_size=2", [4]int{4, 7, 10, 13}, 0.578124362753, 1.0310071061, 0.292570285091},
		{"bumps", "lr=30, max_iter=6, max_eval=40, history_size=3", [4]int{16, 25, 26, 27}, -1.94710820562, 0.991839614273, 1.03422571658},
		{"bumps", "lr=1, max_iter=25, max_eval=0, history_size=10", [4]int{17, 18, 19, 20}, -1.94710820573, 0.991841061787, 1.03422787753},
		{"rosenbrock", "lr=1, max_iter=4, max_eval=0, history_size=5", [4]int{5, 10, 16, 23}, 4.92343020187, 0.857653154833, -0.0109840694805},
		{"rosenbrock", "lr=0.02, max_iter=3, max_eval=0, history_size=2", [4]int{4, 8, 12, 16}, 44.5577156218, 0.462552023171, -0.19488269506},
		{"rosenbrock", "lr=30, max_iter=6, max_eval=40, history_size=3", [4]int{19, 41, 64, 88}, 3.90696293327, 0.91395463546, -0.000381801966684},
	} {
		f := &smooth{name: c.function, layout: problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{9}})}
		x, d := make([]float64, 9), make([]float64, 9)
		for i := range x {
			x[i] = 0.9 * math.Cos(2*float64(i))
		}
		o := optimizer(t, fmt.Sprintf("lbfgs(%s, line_search=strong_wolfe)", c.settings))
		st, err := New(o, &Context[float64]{Layout: f.layout, Blocks: f.layout.Blocks, Start: x})
		if err != nil {
			t.Fatal(err)
		}
		var evals [4]int
		for step := range evals {
			loss := f.Grad(d, x)
			st.Step(&Step[float64]{T: step + 1, X: x, D: d, Loss: loss, F: f})
			for i, v := range d {
				x[i] += v
			}
			evals[step] = f.grads
		}
		if evals != c.evals {
			t.Errorf("%s, %s: %v evaluations, PyTorch has %v", c.function, c.settings, evals, c.evals)
		}
		for _, v := range [][2]float64{{f.Loss(x), c.loss}, {x[0], c.first}, {x[8], c.last}} {
			if !(math.Abs(v[0]-v[1]) <= 1e-8*(1e-3+math.Abs(v[1]))) {
				t.Errorf("%s, %s: %v, PyTorch has %v", c.function, c.settings, v[0], v[1])
			}
		}
	}
}

// smooth is, of a_i = 0.5 + 0.7 (i mod 5) and c_i = sin(i), sum 0.5 a (w-c)^2 + k cos(3w)
// with k = 0.1 (waves) or 1 (bumps), or Rosenbrock's function of neighbours.
type smooth struct {
	name   string
	layout *problem.Layout
	grads  int
}

func (f *smooth) Layout() *problem.Layout { return f.layout }

func (f *smooth) Loss(x []float64) float64 {
	loss := f.Grad(make([]float64, len(x)), x)
	f.grads--
	return loss
}

func (f *smooth) Grad(dst, x []float64) (loss float64) {
	f.grads++
	clear(dst)
	k := map[string]float64{"waves": 0.1, "bumps": 1}[f.name]
	for i, w := range x {
		if f.name == "rosenbrock" {
			if i+1 < len(x) {
				far := x[i+1] - w*w
				loss += 100*far*far + (1-w)*(1-w)
				dst[i] += -400*far*w - 2*(1-w)
				dst[i+1] += 200 * far
			}
			continue
		}
		a, e := 0.5+0.7*float64(i%5), w-math.Sin(float64(i))
		loss += 0.5*a*e*e + k*math.Cos(3*w)
		dst[i] = a*e - 3*k*math.Sin(3*w)
	}
	return loss
}

func (f *smooth) MulVec(problem.Matrix, []float64, []float64, []float64) bool { return false }
