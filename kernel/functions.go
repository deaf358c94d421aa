package kernel

import (
	"math"
	"unsafe"
)

// The functions here are computed operation by operation as in the assembly, each
// rounded on its own, so that the bits are the same on all paths.

// functions are the constants of functions of a T.
type functions[T Float] struct {
	low          T   // e^x is 0 below
	round        T   // 3 2^(bits of the fraction - 1) + bias: adding it rounds to an integer
	high, rest   T   // log 2 as a sum, of which few bits are in the first
	exp          []T // 1/2!, 1/3!, ...: of (e^r - 1 - r) / r^2
	gaussLow     T   // e^(-x^2/2) is 0 beyond
	mills        []T // see normCDF
	saturated    T   // tanh is 1 beyond
	fraction     int // bits of it
	bias         uint64
	headOfBits   uint64 // the mask of the upper half of the digits
	mostSigmoid  T      // sigmoid is 1 beyond
	normal, most T      // the smallest number that is not denormal, the largest one
	cubed, back  T      // a power of two that makes denormal numbers normal, and 1 over its cube root
	third        T      // 4/3 of the upper bits of 1 or so, and a number whose lowest bit is 1
}

// guessLess is by how much the logarithm is less than the bits say, which is least
// wrong for cube roots.
const guessLess = 0.045

var (
	functions32 = functions[float32]{
		low: -110, round: 3<<22 + 2*127, fraction: 23, bias: 127, headOfBits: ^uint64(1<<12 - 1),
		high: 0x1.63p-1, rest: -2.12194440054690583e-4,
		exp:      []float32{1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720, 1. / 5040},
		gaussLow: 14.5, saturated: 10, mostSigmoid: 40,
		normal: 0x1p-126, most: math.MaxFloat32, cubed: 0x1p24, back: 0x1p-8, third: 4./3*(127-guessLess)*(1<<11) + 1<<23,
		mills: []float32{
			0.755285138510370549, -0.607896606073809151, 0.387136679794706625, -0.18652300589738765, 0.0604064697483036412,
			-0.00752721291167985461, -0.0035235740563519058, 0.00156931364509224635, 0.000194801851142465442, -0.000122983157005266082,
		},
	}
	functions64 = functions[float64]{
		low: -750, round: 3<<51 + 2*1023, fraction: 52, bias: 1023, headOfBits: ^uint64(1<<27 - 1),
		high: 0x1.62e42feep-1, rest: 1.90821492927058770002e-10,
		exp: []float64{
			1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720, 1. / 5040, 1. / 40320, 1. / 362880,
			1. / 3628800, 1. / 39916800, 1. / 479001600, 1. / 6227020800,
		},
		gaussLow: 39, saturated: 20, mostSigmoid: 40,
		normal: 0x1p-1022, most: math.MaxFloat64, cubed: 0x1p54, back: 0x1p-18, third: 4./3*(1023-guessLess)*(1<<20) + 1<<52,
		mills: []float64{
			0.75528513041575148, -0.607896641971891759, 0.387137400742218879, -0.186521857959694163, 0.0603965748906994641,
			-0.00754018896559305902, -0.00347969236224253334, 0.0016308184418903596, 0.000133344254019049116, -0.000231094818319376211,
			-1.90786653166135743e-6, 0.0000351441811577609727, 7.15005595921609866e-7, -5.91889273176323645e-6, -6.25132104047868019e-7,
			1.01980485181351727e-6, 2.63682485764076251e-7, -1.54263205367710739e-7, -7.63808205349045035e-8, 1.45785933470364597e-8,
			1.39240239935017101e-8, 7.26954547902668946e-11, -9.65342542022850467e-10,
		},
	}
)

func functionsOf[T Float]() *functions[T] {
	if isSingle[T]() {
		return (*functions[T])(unsafe.Pointer(&functions32))
	}
	return (*functions[T])(unsafe.Pointer(&functions64))
}

// polynomial is sum_i c[i] x^i, by Estrin's scheme: neighbours are joined, c0 + c1 x,
// then neighbours of these in x^2, and so on.
func polynomial[T Float](x T, c []T) T {
	var v [32]T
	n := copy(v[:], c)
	for ; n > 1; n = (n + 1) / 2 {
		for i := range n / 2 {
			v[i] = v[2*i] + T(x*v[2*i+1])
		}
		if n%2 == 1 {
			v[n/2] = v[n-1]
		}
		x *= x
	}
	return v[0]
}

// expm1 takes x + y, for a small y, as k log 2 + r with |r| <= log 2 / 2. It returns
// e^r - 1, by the Taylor series, and 2 bias + k in the low bits of a float.
func (f *functions[T]) expm1(x, y T) (m, t T) {
	t = T(x*math.Log2E) + f.round
	k := t - f.round
	r := ((x - T(k*f.high)) - T(k*f.rest)) + y
	return r + T(T(r*r)*polynomial(r, f.exp)), t
}

// power is the float whose exponent is in the low bits of n.
func (f *functions[T]) power(n uint64) T {
	if isSingle[T]() {
		return T(math.Float32frombits(uint32(n << 23)))
	}
	return T(math.Float64frombits(n << 52))
}

// exponent is 2 bias + k as expm1 returns it.
func exponent[T Float](t T) uint64 {
	if isSingle[T]() {
		return uint64(math.Float32bits(float32(t)) & (1<<9 - 1))
	}
	return math.Float64bits(float64(t)) & (1<<12 - 1)
}

// expSum is e^(x+y) as for expm1. 2^k is two factors, so that the product is rounded
// once even where it is denormal.
func (f *functions[T]) expSum(x, y T) T {
	m, t := f.expm1(x, y)
	n := exponent(t)
	return T(T((1+m)*f.power(n>>1)) * f.power(n-n>>1))
}

func (f *functions[T]) expOf(x T) T { return f.expSum(max(min(x, -f.low), f.low), 0) }

// sigmoidOf is e^x / (1 + e^x), which keeps its digits where it is close to 0.
func (f *functions[T]) sigmoidOf(x T) T {
	e := f.expSum(max(min(x, f.mostSigmoid), f.low), 0)
	return e / (1 + e)
}

// tanhOf is m / (m + 2) with m = e^2|x| - 1, and the sign of x.
func (f *functions[T]) tanhOf(x T) T {
	u := min(T(math.Abs(float64(x))), f.saturated)
	m, t := f.expm1(u+u, 0)
	p := f.power(exponent(t) - f.bias)
	m = T(p*m) + (p - 1)
	return T(math.Copysign(float64(m/(m+2)), float64(x)))
}
