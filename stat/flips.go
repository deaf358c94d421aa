package stat

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
)

const (
	// exactSeeds is the largest number of seeds whose flips are all tried.
	exactSeeds = 16
	// drawnFlips is how many flips are drawn for more seeds than that.
	drawnFlips = 1 << 16
	// tie is the relative difference below which two statistics count as equal.
	// Differences of decimal numbers tie only up to rounding; taking near ties for
	// ties can only raise p.
	tie = 1e-10
)

// flips are the sign patterns over which a sign-flip distribution is taken: bit i
// of a pattern says that seed i changes sign. Pattern 0 changes none.
//
// A statistic that is even in the differences is the same for a pattern and its
// complement, so for up to exactSeeds seeds the 2^(n-1) patterns that leave the
// last seed alone stand for all 2^n. For more, drawnFlips are drawn, by a
// generator seeded with n alone, and follow pattern 0: counting it is the
// plus-one rule, (1 + #extreme) / (1 + drawn), without which p would be too small
// (Phipson and Smyth 2010).
type flips struct {
	total, stride int
	bits          []byte // total x stride
}

func newFlips(n int) flips {
	f := flips{total: drawnFlips + 1, stride: (n + 7) / 8}
	if n <= exactSeeds {
		f.total = 1 << max(n-1, 0)
		f.bits = make([]byte, f.total*f.stride)
		for b := range f.total {
			for k := range f.stride {
				f.bits[b*f.stride+k] = byte(b >> (8 * k))
			}
		}
		return f
	}
	f.bits = make([]byte, f.total*f.stride)
	source := rand.NewPCG(0x9e3779b97f4a7c15, uint64(n))
	for b := 1; b < f.total; b++ {
		drawPattern(source, f.at(b), n)
	}
	return f
}

// at is pattern b, eight seeds a byte.
func (f flips) at(b int) []byte { return f.bits[b*f.stride : (b+1)*f.stride] }

// drawPattern fills the first n bits of p at random and leaves no other set.
func drawPattern(source rand.Source, p []byte, n int) {
	var word [8]byte
	for i := 0; i < len(p); i += len(word) {
		binary.LittleEndian.PutUint64(word[:], source.Uint64())
		copy(p[i:], word[:])
	}
	if spare := 8*len(p) - n; spare > 0 {
		p[len(p)-1] &= 0xff >> spare
	}
}

// subsetSums gives the sum of values over any pattern with one look-up for eight
// seeds.
type subsetSums [][256]float64

func newSubsetSums(d []float64) subsetSums {
	t := make(subsetSums, (len(d)+7)/8)
	for i, v := range d {
		table, bit := &t[i/8], 1<<(i%8)
		for p := range bit {
			table[p|bit] = table[p] + v
		}
	}
	return t
}

func (t subsetSums) at(pattern []byte) float64 {
	var s float64
	for k, p := range pattern {
		s += t[k][p]
	}
	return s
}

// SmallestP is the smallest p that the sign-flip test can give for n seeds: 2/2^n
// up to 16 of them, 1/(2^16 + 1) for more.
func SmallestP(n int) float64 {
	if n > exactSeeds {
		return 1 / float64(drawnFlips+1)
	}
	return math.Ldexp(1, min(0, 1-n))
}
