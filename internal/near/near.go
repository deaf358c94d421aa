// Package near compares slices of numbers in tests and says where they differ and
// by what ratio.
package near

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// shown is how many of the worst entries a report lists.
const shown = 5

// entry is one pair that differs; excess is its distance in units of what was
// allowed.
type entry struct {
	at        int
	got, want float64
	excess    float64
}

// Diff is empty if |got[i]-want[i]| <= atol + rtol*|want[i]| for every i, and else
// a report of how many entries differ, of the worst of them, and of their common
// ratio if they have one. NaN equals NaN alone, an infinity itself alone.
func Diff[T ~float32 | ~float64](got, want []T, atol, rtol float64) string {
	if len(got) != len(want) {
		return fmt.Sprintf("got %d values, want %d", len(got), len(want))
	}
	var off []entry
	for i := range got {
		g, w := float64(got[i]), float64(want[i])
		if x := excess(g, w, atol, rtol); x > 1 {
			off = append(off, entry{i, g, w, x})
		}
	}
	if len(off) == 0 {
		return ""
	}
	slices.SortStableFunc(off, func(a, b entry) int { return cmp.Compare(b.excess, a.excess) })
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d values differ by more than %.3g + %.3g*|want|", len(off), len(got), atol, rtol)
	for _, e := range off[:min(shown, len(off))] {
		fmt.Fprintf(&b, "\n  [%d] got %.9g want %.9g: difference %.3g, ratio %.6g, %.3g times the tolerance", e.at, e.got, e.want, e.got-e.want, e.got/e.want, e.excess)
	}
	if len(off) > shown {
		fmt.Fprintf(&b, "\n  and %d more", len(off)-shown)
	}
	if r, ok := commonRatio(off); ok {
		fmt.Fprintf(&b, "\n  all have the ratio %.6g", r)
	}
	return b.String()
}

// Value is Diff for one number.
func Value(got, want, atol, rtol float64) string {
	return Diff([]float64{got}, []float64{want}, atol, rtol)
}

// excess is the distance in units of what is allowed; anything above 1 is too far.
func excess(got, want, atol, rtol float64) float64 {
	switch {
	case got == want || math.IsNaN(got) && math.IsNaN(want):
		return 0
	case math.IsNaN(got) || math.IsNaN(want) || math.IsInf(got, 0) || math.IsInf(want, 0):
		return math.Inf(1)
	}
	return math.Abs(got-want) / (atol + rtol*math.Abs(want))
}

// commonRatio is got/want where it is the same, to one in a thousand, for all of
// at least two entries: the mark of a wrong factor.
func commonRatio(off []entry) (float64, bool) {
	r := off[0].got / off[0].want
	for _, e := range off {
		if q := e.got / e.want; !(math.Abs(q-r) <= 1e-3*math.Abs(r)) {
			return 0, false
		}
	}
	return r, len(off) > 1
}
