package report

import (
	"math"
	"strconv"
	"strings"
)

// maxDigits is the most significant digits that a mean is shown with.
const maxDigits = 6

// A scale says how numbers that belong together are written: divided by 10^exp,
// to places decimals (to tens, hundreds ... where places is negative).
type scale struct{ places, exp int }

// scaleOf chooses the scale at which err has two significant digits; largest is the
// largest of the numbers to be written.
func scaleOf(err float64, numbers ...float64) scale {
	largest := magnitude(err)
	for _, x := range numbers {
		largest = max(largest, magnitude(x))
	}
	s := scale{places: 1 - magnitude(err)}
	if largest < -3 || largest > 5 {
		s.exp = largest
	}
	s.places += s.exp
	s.places = min(s.places, maxDigits-1-(largest-s.exp))
	return s
}

// magnitude is the power of ten of the first digit of x once rounded to two
// digits, and the least integer that arithmetic on it allows for zero.
func magnitude(x float64) int {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return -1000
	}
	text := strconv.FormatFloat(x, 'e', 1, 64)
	exp, _ := strconv.Atoi(text[strings.IndexByte(text, 'e')+1:])
	return exp
}

// digits writes x on the scale, without the power of ten.
func (s scale) digits(x float64) string {
	x = scaled(x, -s.exp)
	if s.places < 0 {
		x = scaled(math.Round(scaled(x, s.places)), -s.places)
	}
	text := strconv.FormatFloat(x, 'f', max(s.places, 0), 64)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	}
	return text
}

// scaled is x 10^exp, rounded once where 10^|exp| is exact.
func scaled(x float64, exp int) float64 {
	if exp < 0 {
		return x / math.Pow10(-exp)
	}
	return x * math.Pow10(exp)
}

// power writes the power of ten that digits left out.
func (s scale) power() string {
	if s.exp == 0 {
		return ""
	}
	return "e" + strconv.Itoa(s.exp)
}

// plusMinus writes a mean and its error on the scale, or on the error's own where
// the error would show with no digit or with more than three. Its halves go before
// and after the sign: "1.23" and "0.45", or "(1.23" and "0.45)e-7".
func (s scale) plusMinus(mean, err float64) (string, string) {
	switch {
	case !finite(err):
		return plain(mean, 4), ""
	case err == 0:
		return plain(mean, 4), "0"
	}
	if shown := magnitude(err) - s.exp + s.places; shown < 0 || shown > 2 {
		s = scaleOf(err, mean)
	}
	if s.digits(err) == s.digits(0) {
		return s.wrap(s.digits(mean)), plain(err, 2)
	}
	if s.exp == 0 {
		return s.digits(mean), s.digits(err)
	}
	return "(" + s.digits(mean), s.digits(err) + ")" + s.power()
}

// wrap adds the power of ten to digits.
func (s scale) wrap(digits string) string { return digits + s.power() }

// difference writes a difference and its interval on one scale; an end that is no
// number is unbounded.
func difference(diff, lo, hi float64) (string, string) {
	half := (hi - lo) / 2
	if !finite(half) || half == 0 {
		half = math.Abs(diff) / 10
	}
	numbers := []float64{diff}
	low, high := "-∞", "+∞"
	for _, end := range []float64{lo, hi} {
		if finite(end) {
			numbers = append(numbers, end)
		}
	}
	var s scale
	if half > 0 {
		s = scaleOf(half, numbers...)
	}
	if finite(lo) {
		low = s.signed(lo)
	}
	if finite(hi) {
		high = s.signed(hi)
	}
	interval := "[" + low + ", " + high + "]"
	if len(numbers) > 1 {
		interval = s.wrap(interval)
	}
	return s.wrap(s.signed(diff)), interval
}

// signed is digits with a sign for positive numbers too.
func (s scale) signed(x float64) string {
	if text := s.digits(x); x < 0 || text == s.digits(0) {
		return text
	}
	return "+" + s.digits(x)
}

// plain writes x to so many significant digits.
func plain(x float64, significant int) string {
	if !finite(x) {
		return "-"
	}
	exp := magnitude(x)
	if x == 0 || exp >= -4 && exp <= 5 {
		rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'e', significant-1, 64), 64)
		return strconv.FormatFloat(rounded, 'f', -1, 64)
	}
	mantissa, power, _ := strings.Cut(strconv.FormatFloat(x, 'e', significant-1, 64), "e")
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	n, _ := strconv.Atoi(power)
	return mantissa + "e" + strconv.Itoa(n)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
