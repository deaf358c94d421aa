package optim

import (
	"math"
	"strings"
	"testing"

	"basin/internal/near"
	"basin/linop"
	"basin/problem"
	"basin/recipe"
)

// moved gives where the links after a rule that stays lead from x, in blocks of the
// given shapes.
func moved(t *testing.T, text string, x []float64, shapes ...[]int) []float64 {
	t.Helper()
	var blocks []problem.Block
	for i, s := range shapes {
		role := problem.Weight
		if len(s) < 2 {
			role = problem.Bias
		}
		blocks = append(blocks, problem.Block{Name: string(rune('a' + i)), Role: role, Shape: s})
	}
	l := problem.NewLayout(blocks...)
	st, err := New(optimizer(t, "sgd | "+text), &Context[float64]{Layout: l, Blocks: l.Blocks, Start: x})
	if err != nil {
		t.Fatal(err)
	}
	d := make([]float64, l.N)
	st.Step(&Step[float64]{T: 1, X: x, D: d})
	for i := range d {
		d[i] += x[i]
	}
	return d
}

func TestProject(t *testing.T) {
	plane, pair := []int{2, 2}, []int{2}
	for _, c := range []struct {
		text   string
		x      []float64
		shapes [][]int
		want   []float64
	}{
		{"project(norm=l2, radius=1)", []float64{3, 4, 0.3, 0.4}, [][]int{pair, pair}, []float64{0.6, 0.8, 0.3, 0.4}},
		{"project(norm=l2, radius=1, scope=all)", []float64{3, 4, 0, 12}, [][]int{pair, pair}, []float64{3. / 13, 4. / 13, 0, 12. / 13}},
		{"project(norm=linf, radius=2)", []float64{3, -4, 1, -1}, [][]int{plane}, []float64{2, -2, 1, -1}},
		// 3-s + 2-s = 1 at s = 2, where the second is at zero.
		{"project(norm=l1, radius=1)", []float64{-3, 2, 1, 0}, [][]int{plane}, []float64{-1, 0, 0, 0}},
		// 3-s + 2-s = 3 at s = 1.
		{"project(norm=l1, radius=3)", []float64{-3, 2, 1, 0}, [][]int{plane}, []float64{-2, 1, 0, 0}},
		{"project(norm=l1, radius=6)", []float64{-3, 2, 1, 0}, [][]int{plane}, []float64{-3, 2, 1, 0}},
		// All alike: each to a quarter.
		{"project(norm=l1, radius=1)", []float64{5, 5, -5, 5}, [][]int{plane}, []float64{0.25, 0.25, -0.25, 0.25}},
		{"project(norm=spectral, radius=2)", []float64{3, 0, 0, -1}, [][]int{plane}, []float64{2, 0, 0, -1}},
		{"project(norm=nuclear, radius=2)", []float64{3, 0, 0, -2, 9, 9}, [][]int{plane, pair}, []float64{1.5, 0, 0, -0.5, 9, 9}},
		// The ball of the nuclear norm for a matrix of rank one: its direction stays.
		{"project(norm=nuclear, radius=1)", []float64{2, 2, 2, 2}, [][]int{plane}, []float64{0.5, 0.5, 0.5, 0.5}},
		{"prox(penalty=l1, step=0.5)", []float64{3, -0.25, 0.5, -1, 7, 7}, [][]int{plane, pair}, []float64{2.5, 0, 0, -0.5, 7, 7}},
		{"prox(penalty=l1, step=0.5, blocks=all)", []float64{3, -0.25, 0.5, -1, 7, 7}, [][]int{plane, pair}, []float64{2.5, 0, 0, -0.5, 6.5, 6.5}},
		{"prox(penalty=group, step=1)", []float64{3, 4, 0.3, 0.4, 7, 7}, [][]int{plane, pair}, []float64{2.4, 3.2, 0, 0, 7, 7}},
		{"prox(penalty=nuclear, step=1.5)", []float64{3, 0, 0, -1}, [][]int{plane}, []float64{1.5, 0, 0, 0}},
		{"clip_value(0.5)", []float64{1, 2}, [][]int{pair}, []float64{1, 2}},
	} {
		got := moved(t, c.text, c.x, c.shapes...)
		for i := range got {
			if !(math.Abs(got[i]-c.want[i]) <= 1e-13) {
				t.Errorf("%s of %v is %v, want %v", c.text, c.x, got, c.want)
				break
			}
		}
	}
}

// A projection is in the ball, and no point of the ball that is near it is nearer to
// where it came from.
func TestNearest(t *testing.T) {
	x := []float64{1, -2, 3, 0.5, 2.5, -1, 0.25, 4, -3, 1, 1, -0.75}
	norms := map[string]func([]float64) float64{
		"l1": func(v []float64) float64 {
			sum := 0.0
			for _, e := range v {
				sum += math.Abs(e)
			}
			return sum
		},
		"spectral": func(v []float64) float64 { return singular(t, v, 3, 4)[0] },
		"nuclear": func(v []float64) float64 {
			sum := 0.0
			for _, e := range singular(t, v, 3, 4) {
				sum += e
			}
			return sum
		},
	}
	far := func(a []float64) float64 {
		sum := 0.0
		for i, v := range a {
			sum += (v - x[i]) * (v - x[i])
		}
		return sum
	}
	for name, norm := range norms {
		z := moved(t, "project(norm="+name+", radius=2)", x, []int{3, 4})
		if diff := near.Value(norm(z), 2, 0, 1e-12); diff != "" {
			t.Errorf("%s: norm of the projection: %s", name, diff)
		}
		for i := range z {
			for _, by := range []float64{1e-4, -1e-4} {
				y := append([]float64(nil), z...)
				y[i] += by
				scale := min(1, 2/norm(y))
				for k := range y {
					y[k] *= scale
				}
				if far(y) < far(z)-1e-9 {
					t.Errorf("%s: %v is nearer than %v", name, y, z)
				}
			}
		}
	}
}

func singular(t *testing.T, a []float64, m, n int) []float64 {
	t.Helper()
	s, err := linop.SingularValues(a, m, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Links that stand on the wrong side of a rule are refused, with the way out.
func TestSides(t *testing.T) {
	for text, says := range map[string]string{
		"project | sgd":                          "put it after one, as in sgd(lr=0.1) | project",
		"sgd | l2_init":                          "put it before, as in l2_init | sgd",
		"clip_norm | sgd | agc":                  "put it before, as in agc | sgd",
		"project":                                "project works on the change",
		"agc":                                    "makes no step",
		"sam(base=prox | sgd)":                   "put it after one",
		"sgd | project(norm=nuclear, scope=all)": "scope must be block",
		"sgd | prox(penalty=group, blocks=all)":  "blocks must be weights",
	} {
		r, err := recipe.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Resolve(r); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}
