package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// FalsePositives tests the test on data without a difference. diffs[seed][reading]
// come from one optimizer under two batch orders (A/A), whose names are arbitrary:
// each relabelling exchanges them for a random half of the seeds, and is counted
// where JointSignFlip(diffs, alpha) then finds any reading significant at alpha.
// The rate should not lie above alpha by more than its interval allows.
//
// A relabelling is itself a flip, and exact flips form a group, so that the
// distribution of the largest statistic need be found but once.
func FalsePositives(diffs [][]float64, alpha float64, relabellings int, seed uint64) Proportion {
	checkLevel(alpha)
	result := Proportion{N: relabellings}
	rows, width := presentRows(diffs)
	_, columns := newFamily(rows, width, alpha)
	largest := func(pattern []byte) float64 {
		var top float64
		for i := range columns {
			top = max(top, columns[i].score(pattern))
		}
		return top
	}
	f := newFlips(len(rows))
	others := make([]float64, f.total)
	for b := range others {
		others[b] = largest(f.at(b))
	}
	if len(rows) > exactSeeds {
		// Pattern 0 is there to count as extreme, which now the relabelling does.
		others[0] = math.Inf(1)
	}
	slices.Sort(others)
	source := newRelabeller(len(rows), seed)
	for range relabellings {
		top := largest(source.next())
		extreme := len(others) - sort.SearchFloat64s(others, top-tie)
		if float64(extreme)/float64(f.total) <= alpha {
			result.K++
		}
	}
	return result
}

// PlantedPower tests the test on data with a known difference: to A/A differences,
// relabelled at random as in FalsePositives, it adds shift[reading], and counts
// for each reading how often JointSignFlip finds it significant at alpha. Where
// shift is 0 what is counted are false positives.
func PlantedPower(diffs [][]float64, shift []float64, alpha float64, relabellings int, seed uint64) []Proportion {
	found := make([]Proportion, len(shift))
	planted := make([][]float64, len(diffs))
	for i, row := range diffs {
		if len(row) != len(shift) {
			panic("stat: PlantedPower: rows and shifts of different length")
		}
		planted[i] = make([]float64, len(row))
	}
	source := newRelabeller(len(diffs), seed)
	for range relabellings {
		pattern := source.next()
		for i, row := range diffs {
			sign := 1 - 2*float64(pattern[i/8]>>(i%8)&1)
			for j, v := range row {
				planted[i][j] = float64(sign*v) + shift[j]
			}
		}
		for j, t := range JointSignFlip(planted, alpha) {
			found[j].N++
			if t.Adjusted <= alpha {
				found[j].K++
			}
		}
	}
	return found
}

// A relabeller draws which seeds exchange the names of their two sides.
type relabeller struct {
	source  *rand.PCG
	seeds   int
	pattern []byte
}

func newRelabeller(seeds int, seed uint64) relabeller {
	return relabeller{rand.NewPCG(seed, 0xd1342543de82ef95), seeds, make([]byte, (seeds+7)/8)}
}

// next is valid until the next call.
func (r relabeller) next() []byte {
	drawPattern(r.source, r.pattern, r.seeds)
	return r.pattern
}
