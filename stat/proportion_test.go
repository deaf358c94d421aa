package stat

import (
	"math"
	"testing"
)

// tail is P(X >= k) for X binomial, summed term by term.
func tail(k, n int, p float64) float64 {
	var sum float64
	for i := k; i <= n; i++ {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(i + 1))
		c, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(a - b - c + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

func TestClopperPearsonIsItsDefinition(t *testing.T) {
	for _, n := range []int{1, 2, 7, 40, 200} {
		for _, alpha := range []float64{.01, .05, .3} {
			for k := 0; k <= n; k += max(1, n/7) {
				iv := Proportion{k, n}.ClopperPearson(alpha)
				if k == 0 && iv.Lo != 0 || k == n && iv.Hi != 1 {
					t.Errorf("%d/%d: %v does not reach its end", k, n, iv)
				}
				if k > 0 && !near(tail(k, n, iv.Lo)/(alpha/2), 1, 1e-9) {
					t.Errorf("%d/%d alpha %v: P(X >= k) at %v is %v", k, n, alpha, iv.Lo, tail(k, n, iv.Lo))
				}
				if k < n && !near((1-tail(k+1, n, iv.Hi))/(alpha/2), 1, 1e-9) {
					t.Errorf("%d/%d alpha %v: P(X <= k) at %v is %v", k, n, alpha, iv.Hi, 1-tail(k+1, n, iv.Hi))
				}
			}
		}
	}
	if iv := (Proportion{}).ClopperPearson(.05); iv != (Interval{0, 1}) {
		t.Errorf("no trials: %v", iv)
	}
}

func TestWilsonSolvesItsEquation(t *testing.T) {
	const z = 1.959963984540054 // upper 2.5 % point
	for _, p := range []Proportion{{0, 5}, {1, 5}, {5, 5}, {50, 200}, {199, 200}} {
		iv := p.Wilson(.05)
		for _, q := range []float64{iv.Lo, iv.Hi} {
			gap := p.Rate() - q
			if !near(gap*gap, z*z*q*(1-q)/float64(p.N), 1e-14) {
				t.Errorf("%v: end %v does not solve (rate - p)^2 = z^2 p(1-p)/n", p, q)
			}
		}
		if !iv.Contains(p.Rate()) || iv.Lo < 0 || iv.Hi > 1 {
			t.Errorf("%v: interval %v", p, iv)
		}
	}
	if iv := (Proportion{}).Wilson(.05); iv != (Interval{0, 1}) {
		t.Errorf("no trials: %v", iv)
	}
}

// Over probabilities from 0.01 to 0.99, Clopper and Pearson's interval never holds less often
// than it says; Wilson's does so on average.
func TestProportionCoverage(t *testing.T) {
	for _, c := range []struct {
		n            int
		mean, lowest float64
	}{{10, .955, .90}, {100, .949, .92}} {
		var sum, low, exact = 0., 1., 1.
		const steps = 99
		for i := 1; i <= steps; i++ {
			p := float64(i) / (steps + 1)
			var wilson, clopper float64
			for k := range c.n + 1 {
				chance := tail(k, c.n, p) - tail(k+1, c.n, p)
				if (Proportion{k, c.n}).Wilson(.05).Contains(p) {
					wilson += chance
				}
				if (Proportion{k, c.n}).ClopperPearson(.05).Contains(p) {
					clopper += chance
				}
			}
			sum += wilson / steps
			low, exact = min(low, wilson), min(exact, clopper)
		}
		if exact < .95 || math.Abs(sum-c.mean) > .005 || low < c.lowest {
			t.Errorf("n=%d: Wilson %.3f on average and %.3f at the least, Clopper and Pearson %.3f", c.n, sum, low, exact)
		}
	}
}
