package stat

import (
	"math"
	"math/rand/v2"
	"slices"
)

const (
	// mostArrangements is the largest number of arrangements that are all tried.
	mostArrangements = 10_000
	// drawnArrangements is how many are drawn where there are more.
	drawnArrangements = 9_999
)

// A Clustering says how far things of one group are nearer to one another than to those of
// other groups.
type Clustering struct {
	// F is the pseudo-F, infinite where things of a group are all at one place.
	F float64
	// R2 is the share of the sum of squared dissimilarities that lies between groups, and
	// Chance the mean of that over the arrangements.
	R2, Chance float64
	P          float64
	Smallest   float64 // the smallest P that so many things can give
	Tried      int     // arrangements, the observed one among them
	Exact      bool    // whether these are all
	None       string  // why there is none of all this
}

// Permanova is the permutational analysis of variance of dissimilarities d, n x n and
// symmetric, by one factor (Anderson 2001, Austral Ecology 26:32-46):
//
//	SS_T = (1/n) sum_{i<j} d_ij^2    SS_W = sum_g (1/n_g) sum_{i<j in g} d_ij^2
//	F = ((SS_T - SS_W) / (a - 1)) / (SS_W / (n - a))    R2 = 1 - SS_W / SS_T
//
// with a groups. It compares F with that of other arrangements, in which things of one block have
// exchanged their groups: under the hypothesis that within a block groups do not matter all are
// as likely as the observed one, whatever the blocks are like. P is the share of
// arrangements with an F as large: of all up to 10,000, and else of 9,999 drawn ones and the
// observed one. As sizes of groups and SS_T are the same for all, F decreases with SS_W alone.
// The test also notices groups that differ in spread.
func Permanova(d [][]float64, groups, blocks []int) Clustering {
	n := len(d)
	if len(groups) != n || len(blocks) != n {
		panic("stat: Permanova: dissimilarities, groups and blocks of different number")
	}
	p := &permanova{d2: make([][]float64, n), label: numbered(groups)}
	a := slices.Max(append(p.label, -1)) + 1
	p.size = make([]float64, a)
	p.sum = make([]float64, a)
	total := 0.
	for i, row := range d {
		p.d2[i] = make([]float64, i)
		for j := range i {
			p.d2[i][j] = row[j] * row[j]
			total += p.d2[i][j] / float64(n)
		}
		p.size[p.label[i]]++
	}
	block := numbered(blocks)
	p.blocks = make([][]int, slices.Max(append(block, -1))+1)
	for i, b := range block {
		p.blocks[b] = append(p.blocks[b], i)
	}
	none := Clustering{F: math.NaN(), R2: math.NaN(), Chance: math.NaN(), P: math.NaN(), Smallest: math.NaN()}
	switch {
	case a < 2:
		none.None = "there is one group"
	case a == n:
		none.None = "every group has one member"
	case total == 0:
		none.None = "all dissimilarities are zero"
	case !slices.ContainsFunc(p.blocks, func(b []int) bool { return len(b) > 1 }):
		none.None = "no block has members of several groups"
	}
	if none.None != "" {
		return none
	}
	within := p.within()
	c := Clustering{
		F:  (total - within) / float64(a-1) / (within / float64(n-a)),
		R2: 1 - within/total, Smallest: 1. / (drawnArrangements + 1),
	}
	extreme, same := 0, 0
	count := func() {
		w := p.within()
		c.Tried++
		c.Chance += 1 - w/total
		if w <= within+tie*total {
			extreme++
		}
		if math.Abs(w-within) <= tie*total {
			same++
		}
	}
	if c.Exact = p.arrangements() <= mostArrangements; c.Exact {
		p.all(count)
		c.Smallest = float64(same) / float64(c.Tried)
	} else {
		count()
		source := rand.New(rand.NewPCG(0x2545f4914f6cdd1d, uint64(n)))
		for range drawnArrangements {
			for _, b := range p.blocks {
				source.Shuffle(len(b), func(i, j int) { p.label[b[i]], p.label[b[j]] = p.label[b[j]], p.label[b[i]] })
			}
			count()
		}
	}
	c.Chance /= float64(c.Tried)
	c.P = float64(extreme) / float64(c.Tried)
	return c
}

// numbered gives equal labels equal numbers, counted from 0.
func numbered(labels []int) []int {
	known := map[int]int{}
	out := make([]int, len(labels))
	for i, l := range labels {
		if _, ok := known[l]; !ok {
			known[l] = len(known)
		}
		out[i] = known[l]
	}
	return out
}

// permanova is an arrangement of things in groups.
type permanova struct {
	d2     [][]float64 // i > j
	label  []int       // group of each
	blocks [][]int     // members of each
	size   []float64   // of groups
	sum    []float64   // room for within
}

// within is SS_W.
func (p *permanova) within() float64 {
	clear(p.sum)
	for i, row := range p.d2 {
		g := p.label[i]
		for j, v := range row {
			if p.label[j] == g {
				p.sum[g] += v
			}
		}
	}
	w := 0.
	for g, s := range p.sum {
		w += s / p.size[g]
	}
	return w
}

// arrangements is the number of different ones.
func (p *permanova) arrangements() float64 {
	n := 1.
	for _, b := range p.blocks {
		times := map[int]float64{}
		for k, i := range b {
			times[p.label[i]]++
			n *= float64(k+1) / times[p.label[i]]
		}
	}
	return math.Round(n)
}

// all calls f for every arrangement.
func (p *permanova) all(f func()) {
	for _, b := range p.blocks {
		labels := p.of(b)
		slices.Sort(labels)
		p.put(b, labels)
	}
	for {
		f()
		k := 0
		for k < len(p.blocks) {
			labels := p.of(p.blocks[k])
			more := next(labels)
			p.put(p.blocks[k], labels)
			if more {
				break
			}
			k++
		}
		if k == len(p.blocks) {
			return
		}
	}
}

func (p *permanova) of(block []int) []int {
	labels := make([]int, len(block))
	for k, i := range block {
		labels[k] = p.label[i]
	}
	return labels
}

func (p *permanova) put(block, labels []int) {
	for k, i := range block {
		p.label[i] = labels[k]
	}
}

// next turns a into its next arrangement in lexicographic order; after the last one it gives the
// first, and reports false.
func next(a []int) bool {
	i := len(a) - 2
	for i >= 0 && a[i] >= a[i+1] {
		i--
	}
	slices.Reverse(a[i+1:])
	if i < 0 {
		return false
	}
	j := i + 1
	for a[j] <= a[i] {
		j++
	}
	a[i], a[j] = a[j], a[i]
	return true
}
