package kernel

import (
	"math"
	"testing"
)

// A function is a loop dst[i] = f(a[i]), with what it should give, and the units in the
// last place by which it may be off. In float64 the latter include the errors of want.
type function[T Float] struct {
	name           string
	f              func(dst, a []T)
	want           func(x float64) float64
	single, double float64
}

func functionTable[T Float]() []function[T] {
	return []function[T]{
		{"Exp", Exp[T], math.Exp, 0.95, 2},
		{"Sigmoid", Sigmoid[T], logistic, 2.1, 4},
		{"Tanh", Tanh[T], math.Tanh, 2.3, 3},
		{"NormPDF", NormPDF[T], density, 2, 4},
		{"NormCDF", NormCDF[T], cumulative, 6, 12},
		// The most is where NormCDF, a factor of it, is denormal.
		{"GELU", GELU[T], func(x float64) float64 { return x * cumulative(x) }, 11, 40},
		{"GELUTanh", GELUTanh[T], func(x float64) float64 {
			return x * logistic(2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))
		}, 200, 2500},
		{"Log", Log[T], func(x float64) float64 {
			if x > 0 && x < 0x1p-1022 { // which math.Log takes for something else
				return math.Log(x*0x1p60) - 60*math.Ln2
			}
			return math.Log(x)
		}, 0.51, 2},
		{"Softplus", Softplus[T], func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }, 0.51, 3},
		{"Sqrt", Sqrt[T], math.Sqrt, 0.51, 0},
		{"Cbrt", Cbrt[T], math.Cbrt, 4, 4},
		{"Abs", Abs[T], math.Abs, 0, 0},
		{"Sign", Sign[T], func(x float64) float64 {
			if x == 0 || x != x {
				return x
			}
			return math.Copysign(1, x)
		}, 0, 0},
	}
}

func logistic(x float64) float64 {
	if x < -40 {
		return math.Exp(x)
	}
	return 1 / (1 + math.Exp(-x))
}

// density is that of the normal distribution; the error of squaring is taken care of.
func density(x float64) float64 {
	x = min(math.Abs(x), 50)
	head := float64(float32(x))
	return math.Exp(-head*head/2) * math.Exp(-(x-head)*(x+head)/2) / math.Sqrt(2*math.Pi)
}

// cumulative is the normal distribution function. In the tail it is the density times
// Laplace's continued fraction.
func cumulative(x float64) float64 {
	if !(x < -1.5) {
		return math.Erfc(-x/math.Sqrt2) / 2
	}
	t := -max(x, -50)
	rest := t
	for k := 150.0; k > 0; k-- {
		rest = t + k/rest
	}
	return density(t) / rest
}

// everywhere has numbers of all exponents and both signs, and those that are none. Their
// steps are finer where functions are not flat.
func everywhere[T Float]() []T {
	inf := math.Inf(1)
	x := []T{0, T(math.Copysign(0, -1)), T(inf), T(-inf), T(math.NaN())}
	for y := 1e-320; y < 1e305; {
		if v := T(y); v != 0 && !math.IsInf(float64(v), 0) {
			x = append(x, v, -v)
		}
		if y > 1e-9 && y < 800 {
			y *= 1.0007
		} else {
			y *= 1.9
		}
	}
	return x
}

// ulp is the distance of the numbers around x that T has.
func ulp[T Float](x float64) float64 {
	if !isSingle[T]() {
		_, e := math.Frexp(x)
		return math.Ldexp(1, max(e-53, -1074))
	}
	_, e := math.Frexp(x)
	return math.Ldexp(1, max(e-24, -149))
}

func TestFunctions(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testFunctions[float32](t)
		testFunctions[float64](t)
	})
}

func testFunctions[T Float](t *testing.T) {
	a := everywhere[T]()
	dst, portably := make([]T, len(a)), make([]T, len(a))
	for _, f := range functionTable[T]() {
		f.f(dst, a)
		onPath(portable, func() { f.f(portably, a) })
		var worst, at float64
		for i, x := range a {
			got, want := float64(dst[i]), f.want(float64(x))
			nearest := float64(T(want))
			if pattern(dst[i]) != pattern(portably[i]) && (got == got || portably[i] == portably[i]) {
				t.Fatalf("%s(%v) is %v, portably %v", f.name, x, got, portably[i])
			}
			if math.IsNaN(got) != math.IsNaN(want) || math.IsInf(got, 0) != math.IsInf(nearest, 0) ||
				got == got && math.Signbit(got) != math.Signbit(want) {
				t.Fatalf("%s(%v) = %v, want %v", f.name, x, got, want)
			}
			if math.IsInf(got, 0) {
				continue
			}
			if e := math.Abs(got-want) / ulp[T](want); e > worst {
				worst, at = e, float64(x)
			}
		}
		allowed := f.single
		if !isSingle[T]() {
			allowed = f.double
		}
		t.Logf("%s of %T is off by %.3g units in the last place, at %v", f.name, T(0), worst, at)
		if worst > allowed {
			t.Errorf("%s of %T is off by %.3g units in the last place, at %v", f.name, T(0), worst, at)
		}
	}
}

// TestKnownValues compares in float64 with values computed in 50 digits.
func TestKnownValues(t *testing.T) {
	list := []struct {
		name string
		f    func(dst, a []float64)
		ulps float64
	}{
		{"Exp", Exp[float64], 1}, {"Tanh", Tanh[float64], 2}, {"Sigmoid", Sigmoid[float64], 2}, {"NormPDF", NormPDF[float64], 2},
		{"NormCDF", NormCDF[float64], 6}, {"GELU", GELU[float64], 7}, {"Softplus", Softplus[float64], 2},
	}
	onEachPath(t, func(t *testing.T) {
		for _, row := range [][8]float64{
			{-37.5, 5.1755550058018685349e-17, -1.0, 5.175555005801868267e-17, 1.7282337322841052208e-306, 4.6053530095819548438e-308, -1.7270073785932330664e-306, 5.1755550058018684009e-17},
			{-20.3, 1.5269401591266086336e-9, -9.9999999999999999534e-1, 1.5269401567950623877e-9, 1.3082885546815290281e-90, 6.4292444676983463386e-92, -1.3051366269427643524e-90, 1.5269401579608355101e-9},
			{-9.7, 6.1283495053222139058e-5, -9.9999999248866649633e-1, 6.1279739616602482259e-5, 1.4774954927042670104e-21, 1.507493168810204873e-22, -1.4622683737458986197e-21, 6.1281617296555772379e-5},
			{-4.1, 1.657267540176125343e-2, -9.9945084368779733415e-1, 1.6302499371440945772e-2, 8.9261657177132994746e-5, 2.0657506912546770507e-5, -8.4695778341441751741e-5, 1.6436847252909529278e-2},
			{-1.3, 2.7253179303401259102e-1, -8.6172315931330637573e-1, 2.1416501695744137992e-1, 1.7136859204780734707e-1, 9.6800484585610325542e-2, -1.258406299612934275e-1, 2.4100845383299219576e-1},
			{-0.02, 9.8019867330675530181e-1, -1.9997333759930932246e-2, 4.9500016666000026973e-1, 3.9886249992366610298e-1, 4.9202168628309801881e-1, -9.840433725661960581e-3, 6.8319717972663419743e-1},
			{0.7, 2.0137527074704764322, 6.0436777711716346812e-1, 6.6818777216816609668e-1, 3.1225393336676126681e-1, 7.5803634777692697138e-1, 5.3062544344384884631e-1, 1.1031860488854578635},
			{2.9, 1.8174145369443059328e+1, 9.9396316735058315106e-1, 9.4784643692158226083e-1, 5.9525324197758553448e-3, 9.9813418669961596152e-1, 2.8945891414288861998, 2.9535627762179630891},
			{7.1, 1.2119670744925762906e+3, 9.999986384046581763e-1, 9.9917557531360170462e-1, 4.5135436772055209534e-12, 9.9999999999937621555e-1, 7.0999999999955707752, 7.1008247647113258529},
		} {
			for k, f := range list {
				got := []float64{row[0]}
				if f.f(got, got); math.Abs(got[0]-row[k+1]) > f.ulps*ulp[float64](row[k+1]) {
					t.Errorf("%s(%v) = %v, want %v", f.name, row[0], got[0], row[k+1])
				}
			}
		}
	})
}

// The slope of GELU has the bits of the functions that it is made of.
func TestGELUSlope(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testGELUSlope[float32](t)
		testGELUSlope[float64](t)
	})
}

func testGELUSlope[T Float](t *testing.T) {
	for n := range 70 {
		fill := odd[T](n)
		a, dst := newGuarded(n, n%5, fill), newGuarded(n, n%3, fill)
		cdf, pdf := make([]T, n), make([]T, n)
		NormCDF(cdf, a.in)
		NormPDF(pdf, a.in)
		dst.want = func(i int) T { return cdf[i] + T(a.before[i]*pdf[i]) }
		GELUSlope(dst.in, a.in)
		dst.check(t, "GELUSlope")
		GELUSlope(a.in, a.in)
		a.want = dst.want
		a.check(t, "GELUSlope in place")
		for _, place := range []string{"apart", "value in place", "slope in place"} {
			a, value, slope := newGuarded(n, n%5, odd[T](n)), newGuarded(n, n%4, fill), newGuarded(n, n%3, fill)
			switch place {
			case "value in place":
				value = a
			case "slope in place":
				slope = a
			}
			value.want, slope.want = func(i int) T { return a.before[i] * cdf[i] }, dst.want
			GELUBoth(value.in, slope.in, a.in)
			value.check(t, "GELUBoth, "+place)
			slope.check(t, "slope of GELUBoth, "+place)
		}
	}
}
