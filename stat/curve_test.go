package stat

import (
	"math"
	"testing"
)

// A property that is linear in log loss is read without error anywhere.
func TestCurveLine(t *testing.T) {
	line := func(loss float64) float64 { return 2 - 3*math.Log(loss) }
	var points []CurvePoint
	for _, loss := range []float64{.1, .5, .05, .2} {
		points = append(points, CurvePoint{loss, line(loss), nan})
	}
	c, err := NewCurve(points)
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range []float64{.5, .499, .3, .2, .15, .1, .07, .05} {
		got, ok := c.At(level, 0)
		if !ok || !near(got.Value, line(level), 1e-14) || !near(got.Slope, -3, 1e-14) {
			t.Errorf("at %v: %+v %v, want value %v slope -3", level, got, ok, line(level))
		}
		want := inf
		for _, p := range points {
			want = min(want, 3*math.Abs(math.Log(p.Loss/level)))
		}
		if !near(got.Mismatch, want, 1e-14) {
			t.Errorf("at %v: mismatch %v, want %v", level, got.Mismatch, want)
		}
	}
}

func TestCurveStretches(t *testing.T) {
	c, err := NewCurve([]CurvePoint{{1, 0, .3}, {math.Exp(-1), 2, .4}, {math.Exp(-3), 1, 0}})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		name         string
		level, slack float64
		want         Level
		ok           bool
	}{
		{"first point", 1, 0, Level{0, -2, .3, 0}, true},
		{"middle point", math.Exp(-1), 0, Level{2, -2, .4, 0}, true},
		{"halfway", math.Exp(-.5), 0, Level{1, -2, .25, 1}, true},
		{"a quarter on", math.Exp(-1.5), 0, Level{1.75, .5, .3, .25}, true},
		{"above, within slack", math.Exp(.1), .11, Level{0, -2, .3, .2}, true},
		{"above, without", math.Exp(.1), .09, Level{}, false},
		{"below, within slack", math.Exp(-3.1), .11, Level{1, .5, 0, .05}, true},
		{"below, without", math.Exp(-3.1), .09, Level{}, false},
		{"no loss", 0, 9, Level{}, false},
	} {
		got, ok := c.At(k.level, k.slack)
		g, w := []float64{got.Value, got.Slope, got.Err, got.Mismatch}, []float64{k.want.Value, k.want.Slope, k.want.Err, k.want.Mismatch}
		for i := range g {
			if ok != k.ok || !near(g[i], w[i], 2e-15) {
				t.Errorf("%s: got %+v %v, want %+v %v", k.name, got, ok, k.want, k.ok)
				break
			}
		}
	}
	half, _ := c.At(math.Exp(-.5), 0)
	if !near(half.Total(), math.Hypot(.25, 1), 1e-15) {
		t.Errorf("total error %v", half.Total())
	}
}

func TestCurveEdges(t *testing.T) {
	if _, ok := Curve(nil).At(1, inf); ok {
		t.Error("a curve without points has a value")
	}
	c, err := NewCurve([]CurvePoint{{.1, 5, nan}, {.2, nan, 1}})
	if err != nil || len(c) != 1 {
		t.Fatalf("%v, %v: want the one point with a value", c, err)
	}
	at, ok := c.At(.1, 0)
	if !ok || at.Value != 5 || at.Mismatch != 0 || !math.IsNaN(at.Slope) || at.Total() != 0 {
		t.Errorf("at the one point: %+v %v", at, ok)
	}
	off, ok := c.At(.11, .2)
	if !ok || off.Value != 5 || !math.IsNaN(off.Mismatch) || !math.IsNaN(off.Total()) {
		t.Errorf("beside the one point: %+v %v", off, ok)
	}
	for _, points := range [][]CurvePoint{{{0, 1, 0}}, {{-1, 1, 0}}, {{inf, 1, 0}}, {{nan, 1, 0}}, {{.1, 1, 0}, {.2, 1, 0}, {.1, 2, 0}}} {
		if c, err := NewCurve(points); err == nil {
			t.Errorf("%v: made the curve %v", points, c)
		}
	}
}
