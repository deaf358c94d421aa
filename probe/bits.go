package probe

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"

	"basin/problem"
	"basin/rng"
)

var bitsDoc = Doc{
	Name:    "bits",
	Family:  "function",
	Summary: "Sensitivity, degree and complexity of the function of bits that a network decides.",
	Readings: []Reading{
		{Name: "sensitivity", Formula: "mean over all x of the number of bits that change the class when flipped", Null: "n/2 for a random function of n bits", Invariant: Permutation | Rescaling | Rotation, Headline: true},
		{Name: "fourier_degree", Formula: "most bits of any term of the multilinear polynomial of the function with values -1 and +1; 99: fewest of which terms up to so many bits hold 99% of the weight", Null: "n or n - 1 for a random function of n bits", Invariant: Permutation | Rescaling | Rotation, Parts: "99"},
		{Name: "fourier_weight", Formula: "sum of squares of the coefficients of terms of k bits", Null: "binom(n, k) / 2^n for a random function of n bits", Invariant: Permutation | Rescaling | Rotation, Parts: "k"},
		{Name: "lz_complexity", Formula: "log2(N) (c(s) + c(reverse of s)) / 2, c the phrases that Lempel and Ziv 1976 parse the truth table s of length N = 2^n into; log2(N) if all its values are the same", Unit: "bits", Null: "about N for a random function", Invariant: Permutation | Rescaling | Rotation},
	},
	Source: "complexity: Dingle, Camargo & Louis 2018, Nature Communications 9:761, for networks Valle-Perez, Camargo & Louis 2019, arXiv 1805.08522; sensitivity: O'Donnell 2014, Analysis of Boolean functions",
	Needs:  "inputs that are -1 and +1 up to a factor, and classes; two of them for all but sensitivity",
	Cost:   "one evaluation of all 2^n inputs, or of `evaluations` inputs where n is above `most`",
	Notes: []string{
		"The truth table is in the order of the inputs read as numbers, the first bit the highest and -1 a zero. Of more bits than `most` there is sensitivity alone, from inputs drawn at random, with its standard error. 95 % intervals held the true value in 96 % of samples (docs/intervals.md).",
		"The weights of all terms sum to 1, and the mean number of bits of a term by weight is the sensitivity.",
	},
}

type bitFunction struct {
	Most        int `arg:"most" default:"14" valid:"[1,18]" help:"evaluate all inputs of up to so many bits"`
	Evaluations int `arg:"evaluations" default:"50000" valid:"[2,inf)" help:"for sensitivity of more bits"`
}

func (s *bitFunction) Measure(p *Pass) error {
	in, err := Need(p, Inputs{"train", 2000})
	if err != nil {
		return err
	}
	one := math.Abs(in.X[0])
	if slices.ContainsFunc(in.X, func(v float64) bool { return math.Abs(v) != one }) || one == 0 {
		return errors.New("the inputs are no bits, -1 and +1")
	}
	d := decider{p: p, n: in.Size, one: one}
	if d.n > s.Most {
		sensitivity, stderr, err := s.sampled(&d)
		if err != nil {
			return err
		}
		p.Estimate("sensitivity", sensitivity, stderr)
		return fmt.Errorf("%d bits are more than the %d of which all inputs are evaluated", d.n, s.Most)
	}
	table, err := d.decide(1<<d.n, func(x []float64, i int) {
		for j := range x {
			x[j] = one * sign(i>>(d.n-1-j)&1)
		}
	})
	if err != nil {
		return err
	}
	p.Exact("sensitivity", sensitivityOf(table))
	if slices.Max(table) > 1 {
		return errors.New("the function has more than two values")
	}
	weight := fourierWeight(table)
	degree, most, sum := 0, -1, 0.
	for k, w := range weight {
		p.Exact(part("fourier_weight", strconv.Itoa(k)), w)
		if w > 0 {
			degree = k
		}
		if sum += w; most < 0 && sum >= .99 {
			most = k
		}
	}
	p.Exact("fourier_degree", float64(degree))
	p.Exact(part("fourier_degree", "99"), float64(most))
	p.Exact("lz_complexity", lzComplexity(table))
	return nil
}

// sampled estimates sensitivity at random inputs.
func (s *bitFunction) sampled(d *decider) (sensitivity, stderr float64, err error) {
	each := make([]float64, max(2, s.Evaluations/(d.n+1)))
	for i := range each {
		stream := rng.At(d.p.Seed, "probe/bits", i)
		base := make([]float64, d.n)
		for j := range base {
			base[j] = d.one * stream.Sign()
		}
		class, err := d.decide(d.n+1, func(x []float64, flip int) {
			copy(x, base)
			if flip > 0 {
				x[flip-1] *= -1
			}
		})
		if err != nil {
			return 0, 0, err
		}
		for _, c := range class[1:] {
			if c != class[0] {
				each[i]++
			}
		}
	}
	sensitivity, stderr = meanErr(each)
	return sensitivity, stderr, nil
}

// A decider tells the class that the network decides on at inputs of n numbers of
// size one.
type decider struct {
	p   *Pass
	n   int
	one float64
}

// decide gives the classes of count inputs, each set by set.
func (d *decider) decide(count int, set func(x []float64, i int)) ([]int, error) {
	const chunk = 4096
	s, ok := problem.As[problem.Subsetter[float64]](d.p.Sets["train"])
	if !ok {
		return nil, errors.New("the problem has no parts")
	}
	class := make([]int, 0, count)
	for lo := 0; lo < count; lo += chunk {
		rows := min(chunk, count-lo)
		x := make([]float64, rows*d.n)
		for i := range rows {
			set(x[i*d.n:(i+1)*d.n], lo+i)
		}
		// As many copies of the first example, with inputs of our own.
		f, ok := problem.As[problem.Inputs[float64]](s.Subset(make([]int, rows)))
		if !ok {
			return nil, errors.New("parts of the problem show no inputs")
		}
		o, err := predict(f.WithInputs(x), d.p.X, "train")
		if err != nil {
			return nil, err
		}
		if err := o.classes(); err != nil {
			return nil, err
		}
		for i := range rows {
			class = append(class, o.class(i))
		}
	}
	return class, nil
}

// sensitivityOf is the average sensitivity of the function with a truth table.
func sensitivityOf(table []int) float64 {
	changes := 0
	for i, v := range table {
		for bit := 1; bit < len(table); bit <<= 1 {
			if table[i^bit] != v {
				changes++
			}
		}
	}
	return float64(changes) / float64(len(table))
}

// fourierWeight gives the sums of squares of the coefficients of all terms of 0, 1, ...
// bits, by the Walsh-Hadamard transform in whole numbers.
func fourierWeight(table []int) []float64 {
	c := make([]int, len(table))
	for i, v := range table {
		c[i] = 2*v - 1
	}
	for half := 1; half < len(c); half <<= 1 {
		for lo := 0; lo < len(c); lo += 2 * half {
			for i := lo; i < lo+half; i++ {
				c[i], c[i+half] = c[i]+c[i+half], c[i]-c[i+half]
			}
		}
	}
	sum := make([]int, bits.Len(uint(len(table))))
	for term, v := range c {
		sum[bits.OnesCount(uint(term))] += v * v
	}
	weight := make([]float64, len(sum))
	for k, v := range sum {
		weight[k] = float64(v) / float64(len(table)) / float64(len(table))
	}
	return weight
}

// lzComplexity is the complexity of a string of two values by its Lempel-Ziv phrases.
func lzComplexity(table []int) float64 {
	log := math.Log2(float64(len(table)))
	if slices.Min(table) == slices.Max(table) {
		return log
	}
	back := slices.Clone(table)
	slices.Reverse(back)
	return log * float64(phrases(table)+phrases(back)) / 2
}

// phrases is the number of words of the exhaustive history of s: each, but perhaps
// the last, is the shortest that cannot be copied from what begins before it.
func phrases(s []int) int {
	count := 0
	for at := 0; at < len(s); count++ {
		longest := 0
		for from := range at {
			n := 0
			for at+n < len(s) && s[from+n] == s[at+n] {
				n++
			}
			longest = max(longest, n)
			if at+longest == len(s) {
				break
			}
		}
		at += longest + 1
	}
	return count
}
