package stat

import (
	"cmp"
	"math"
	"slices"
)

// A Joint is what the joint test says of one reading of the family.
type Joint struct {
	Test
	// Single and Adjusted are P corrected for the whole family, in a single step
	// and step-down: P <= Adjusted <= Single. Adjusted is the one to go by.
	Single, Adjusted float64
	// None says why the reading was not tested; its P, Single and Adjusted are NaN.
	None string
}

// JointSignFlip tests a family of readings at once: diffs[seed][reading] are
// paired differences, NaN for a missing pair. A flip changes the sign of a seed's
// differences in all readings together, so that their dependence is kept.
//
// Adjusted is the step-down maxT p-value of Westfall and Young (1993, algorithm
// 4.1): with the readings ordered by |t|, from the largest, the share of flips in
// which the largest |t| among this reading and those after it is at least this
// reading's own, made monotone along the order. The probability that any true
// hypothesis has Adjusted <= alpha is at most alpha, whichever others are true:
// differences whose signs are exchangeable are so whatever the remaining readings
// do (Romano and Wolf 2005). Single takes the largest over the whole family. The
// flips are those of SignFlip, for the seeds that have any pair.
//
// A reading with fewer than two pairs is left out. Readings with different
// numbers of pairs meet on the scale of a normal deviate (see column). One that
// has fewer pairs than others and too few for any p <= level (Tarone 1990) counts
// for no more than its smallest p, so that it cannot hide the others. level is
// the strictest the family will be held to, alpha over the number of contrasts.
func JointSignFlip(diffs [][]float64, level float64) []Joint {
	checkLevel(level)
	rows, width := presentRows(diffs)
	tests, columns := newFamily(rows, width, level)
	f := newFlips(len(rows))
	slices.SortStableFunc(columns, func(a, b column) int { return cmp.Compare(b.observed, a.observed) })
	down, single := make([]int, len(columns)), make([]int, len(columns))
	for b := range f.total {
		pattern := f.at(b)
		var top float64
		for i, c := range slices.Backward(columns) {
			top = max(top, c.score(pattern))
			if top >= c.observed-tie {
				down[i]++
			}
		}
		for i, c := range columns {
			if top >= c.observed-tie {
				single[i]++
			}
		}
	}
	var floor float64
	for i, c := range columns {
		t := &tests[c.reading]
		floor = max(floor, t.P, float64(down[i])/float64(f.total))
		t.Adjusted = floor
		t.Single = max(floor, float64(single[i])/float64(f.total))
	}
	return tests
}

// presentRows are the seeds that have any pair; width is the number of readings.
func presentRows(diffs [][]float64) (rows [][]float64, width int) {
	for _, row := range diffs {
		width = len(row)
		if width != len(diffs[0]) {
			panic("stat: JointSignFlip: rows of different length")
		}
		if slices.ContainsFunc(row, isFinite) {
			rows = append(rows, row)
		}
	}
	return rows, width
}

func untested(t Test) Joint {
	t.P = math.NaN()
	pairs := "no pairs"
	if t.N == 1 {
		pairs = "1 pair"
	}
	return Joint{Test: t, Single: math.NaN(), Adjusted: math.NaN(), None: pairs + "; a test needs at least 2"}
}

// newFamily tests each reading alone, and prepares those with two pairs or more
// for the joint flips.
func newFamily(rows [][]float64, width int, level float64) ([]Joint, []column) {
	tests := make([]Joint, width)
	var columns []column
	most := 0
	for j := range tests {
		d := make([]float64, len(rows))
		for i, row := range rows {
			d[i] = row[j]
		}
		tests[j] = Joint{Test: SignFlip(d)}
		if tests[j].N < 2 {
			tests[j] = untested(tests[j].Test)
			continue
		}
		columns = append(columns, newColumn(j, d))
		most = max(most, tests[j].N)
	}
	for i := range columns {
		c := &columns[i]
		if n := tests[c.reading].N; n < most {
			c.rescale(n, most, SmallestP(n) > level)
		}
		c.observed = c.score(make([]byte, (len(rows)+7)/8))
	}
	return tests, columns
}
