package report

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestPlusMinus(t *testing.T) {
	for _, c := range []struct {
		mean, err float64
		want      string
	}{
		{12.345, 1.26, "12.3 ± 1.3"},
		{0.00123456, 0.000456, "0.00123 ± 0.00046"},
		{12345.6, 234, "12350 ± 230"},
		{-0.4, 12, "0 ± 12"},
		{-0.4, 1.2, "-0.4 ± 1.2"},
		{3.4e-7, 1.2e-8, "(3.40 ± 0.12)e-7"},
		{2.5e8, 4e6, "(2.500 ± 0.040)e8"},
		{1e-9, 3e-8, "(0.1 ± 3.0)e-8"},
		{0.096, 0.0996, "0.10 ± 0.10"},
		{0.5, 1e-9, "0.500000 ± 1e-9"},
		{0.5, 0, "0.5 ± 0"},
		{1.0 / 3, math.NaN(), "0.3333 ± "},
		{0, 0, "0 ± 0"},
	} {
		mean, err := scaleOf(c.err, c.mean).plusMinus(c.mean, c.err)
		if got := mean + " ± " + err; got != c.want {
			t.Errorf("%v ± %v is written %q, not %q", c.mean, c.err, got, c.want)
		}
	}
}

// TestPlusMinusKeepsToTheRow holds that a cell takes its row's scale where its own
// error still shows with one to three digits, and else its own.
func TestPlusMinusKeepsToTheRow(t *testing.T) {
	row := scaleOf(1.2, 30)
	for _, c := range []struct {
		err  float64
		want string
	}{{0.34, "30.0 ± 0.3"}, {12.3, "30.0 ± 12.3"}, {0.034, "30.000 ± 0.034"}, {123, "30 ± 120"}} {
		mean, err := row.plusMinus(30, c.err)
		if got := mean + " ± " + err; got != c.want {
			t.Errorf("30 ± %v is written %q, not %q", c.err, got, c.want)
		}
	}
}

// TestPlusMinusIsRoundedRightly reads back what is written, over many magnitudes:
// both numbers are within half a unit of the last place of the error.
func TestPlusMinusIsRoundedRightly(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		err := math.Exp(60*random.Float64() - 30)
		mean := err * random.NormFloat64() * 50
		m, e := scaleOf(err, mean).plusMinus(mean, err)
		power := 1.0
		if at := strings.Index(e, ")e"); at >= 0 {
			exp, bad := strconv.Atoi(e[at+2:])
			if bad != nil {
				t.Fatal(bad)
			}
			power, m, e = math.Pow(10, float64(exp)), m[1:], e[:at]
		}
		gotMean, bad1 := strconv.ParseFloat(m, 64)
		gotErr, bad2 := strconv.ParseFloat(e, 64)
		if bad1 != nil || bad2 != nil {
			t.Fatalf("%v ± %v is written %q, %q", mean, err, m, e)
		}
		unit := math.Pow(10, math.Floor(math.Log10(err))-1)
		if err/unit > 99.4 {
			unit *= 10 // rounds up to three digits, of which two are shown
		}
		if math.Abs(gotErr*power-err) > 0.5001*unit || math.Abs(gotMean*power-mean) > 0.5001*unit {
			t.Fatalf("%v ± %v is written %q ± %q times %v", mean, err, m, e, power)
		}
	}
}

func TestDifference(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		diff, lo, hi float64
		want         string
	}{
		{6.71, 5.21, 8.3, "+6.7 [+5.2, +8.3]"},
		{-0.367, -0.4112, -0.3222, "-0.367 [-0.411, -0.322]"},
		{-1.41e-5, -1.9e-5, -0.91e-5, "-1.41e-5 [-1.90, -0.91]e-5"},
		{2.5, nan, nan, "+2.50 [-∞, +∞]"},
		{-2.58e-4, -inf, inf, "-2.58e-4 [-∞, +∞]"},
		{-2.58e-4, -inf, 1e-4, "-2.58e-4 [-∞, +1.00]e-4"},
		{0, -1, 1, "0.0 [-1.0, +1.0]"},
		{0, 0, 0, "0 [0, 0]"},
	} {
		diff, interval := difference(c.diff, c.lo, c.hi)
		if got := diff + " " + interval; got != c.want {
			t.Errorf("%v in [%v, %v] is written %q, not %q", c.diff, c.lo, c.hi, got, c.want)
		}
	}
}

func TestPlain(t *testing.T) {
	for _, c := range []struct {
		x      float64
		digits int
		want   string
	}{
		{0.0078125, 2, "0.0078"}, {0.05, 3, "0.05"}, {1, 2, "1"}, {1234567, 3, "1.23e6"}, {1e-7, 2, "1e-7"},
		{0, 3, "0"}, {-0.00001234, 2, "-1.2e-5"}, {999999, 2, "1e6"}, {2000, 6, "2000"}, {math.NaN(), 3, "-"}, {math.Inf(1), 3, "-"},
	} {
		if got := plain(c.x, c.digits); got != c.want {
			t.Errorf("%v to %d digits is %q, not %q", c.x, c.digits, got, c.want)
		}
	}
}
