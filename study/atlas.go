package study

import (
	"fmt"
	"math"
	"slices"

	"basin/stat"
)

// A Likeness is a reading between solutions by which atlases are drawn.
type Likeness struct {
	Name string  `json:"name"`
	Same float64 `json:"same"` // between a solution and itself: 0 of a distance, 1 of a similarity
}

// An Atlas is what the dissimilarities |reading - same| of all solutions at one point say: how
// they lie to one another, and whether those of one optimizer lie together.
type Atlas struct {
	Point Point  `json:"point"`
	Probe string `json:"probe"`
	Name  string `json:"name"` // of the reading
	// Rows are those of the matrix that take part: they have values with one another.
	Rows []int `json:"rows"`
	Left []int `json:"left,omitempty"` // those that came to the point and do not take part
	// Plane is where each of Rows lies in the plane of classical scaling, and Shown how much
	// of the squared dissimilarities that shows.
	Plane [][2]Num `json:"plane,omitempty"`
	Shown Num      `json:"shown"`
	// Means of the dissimilarity over pairs: of one optimizer at different seeds, of
	// different optimizers at one seed, and of both different.
	SameOptimizer Num `json:"same_optimizer"`
	SameSeed      Num `json:"same_seed"`
	Neither       Num `json:"neither"`
	// Apart are the means between optimizers over pairs at different seeds, Paired those over
	// pairs at one seed.
	Apart  [][]Num `json:"apart"`
	Paired [][]Num `json:"paired"`
	// Optimizers says whether solutions cluster by optimizer, Seeds how far they do by
	// seed, which is by start and batches.
	Optimizers Clustering `json:"optimizers"`
	Seeds      Share      `json:"seeds"`
}

// A Share is how much of the sum of squared dissimilarities lies between groups, and how much that is
// on average when members of groups are exchanged.
type Share struct {
	R2     Num `json:"r2"`
	Chance Num `json:"chance"`
}

// A Clustering is the permutational analysis of variance of an atlas by optimizer, whose names
// are exchanged within seeds (stat.Permanova).
type Clustering struct {
	Share
	F        Num    `json:"f"` // null also where solutions of an optimizer are all alike
	P        Num    `json:"p"`
	PAdj     Num    `json:"p_adj"`      // corrected for all atlases (Holm): the one to go by
	Smallest Num    `json:"smallest_p"` // that so many solutions can give, before correction
	Tried    int    `json:"tried"`      // arrangements
	Exact    bool   `json:"exact"`      // whether these are all
	None     string `json:"none,omitempty"`
}

// Clusters reports whether solutions cluster at alpha after correction.
func (c *Clustering) Clusters(alpha float64) bool { return float64(c.PAdj) <= alpha }

// atlases draws those of the study's likenesses among the matrices.
func (r *Results) atlases(b *Between) []Atlas {
	var list []Atlas
	for i := range b.Matrices {
		m := &b.Matrices[i]
		for _, l := range r.Study.Atlases {
			if l.Name == m.Name && m.hasValue() {
				list = append(list, r.atlas(b, m, l.Same))
			}
		}
	}
	var p []float64
	for _, a := range list {
		p = append(p, float64(a.Optimizers.P))
	}
	for i, v := range stat.Holm(p) {
		list[i].Optimizers.PAdj = Num(v)
	}
	return list
}

func (r *Results) atlas(b *Between, m *Matrix, same float64) Atlas {
	a := Atlas{Point: m.Point, Probe: m.Probe, Name: m.Name, Shown: None}
	a.Rows, a.Left = m.complete(r.unreached(m.Point))
	n, optimizers := len(a.Rows), len(r.Study.Optimizers)
	d := make([][]float64, n)
	optimizer, seed := make([]int, n), make([]int, n)
	for i, row := range a.Rows {
		optimizer[i], seed[i] = b.Runs[row]/r.Study.Seeds, b.Runs[row]%r.Study.Seeds
		d[i] = make([]float64, n)
		for j, other := range a.Rows {
			if i != j {
				d[i][j] = math.Abs(float64(m.Values[row][other]) - same)
			}
		}
	}
	if plane, shown, ok := stat.ClassicalScaling(d); ok {
		a.Shown = Num(shown)
		for _, x := range plane {
			a.Plane = append(a.Plane, [2]Num{Num(x[0]), Num(x[1])})
		}
	}
	apart, paired := newMeans(optimizers), newMeans(optimizers)
	var sameOptimizer, sameSeed, neither mean
	for i := range n {
		for j := range i {
			of := apart
			switch {
			case seed[i] == seed[j]:
				sameSeed.add(d[i][j])
				of = paired
			case optimizer[i] == optimizer[j]:
				sameOptimizer.add(d[i][j])
			default:
				neither.add(d[i][j])
			}
			of[optimizer[i]][optimizer[j]].add(d[i][j])
			if optimizer[i] != optimizer[j] {
				of[optimizer[j]][optimizer[i]].add(d[i][j])
			}
		}
	}
	a.SameOptimizer, a.SameSeed, a.Neither = sameOptimizer.value(), sameSeed.value(), neither.value()
	a.Apart, a.Paired = apart.values(), paired.values()
	c := stat.Permanova(d, optimizer, seed)
	a.Optimizers = Clustering{Share{Num(c.R2), Num(c.Chance)}, Num(c.F), Num(c.P), None, Num(c.Smallest), c.Tried, c.Exact, untested[c.None]}
	s := stat.Permanova(d, seed, optimizer)
	a.Seeds = Share{Num(s.R2), Num(s.Chance)}
	return a
}

// untested tells why stat.Permanova has no result, in the words of a study.
var untested = map[string]string{
	"":                                       "",
	"there is one group":                     "there is one optimizer",
	"every group has one member":             "there is one solution of each optimizer",
	"all dissimilarities are zero":           "all solutions are alike",
	"no block has members of several groups": "no seed has solutions of several optimizers",
}

// complete gives the rows that have values with one another, and those that do not and yet came
// to the point: as long as a value is missing, the row that lacks most is left out, the last of
// several.
func (m *Matrix) complete(missing []Gap) (rows, left []int) {
	for i := range m.Values {
		if !gone(missing, i) {
			rows = append(rows, i)
		}
	}
	for {
		worst, most := -1, 0
		for k, i := range rows {
			lacks := 0
			for _, j := range rows {
				if i != j && !m.Values[i][j].Ok() {
					lacks++
				}
			}
			if lacks > 0 && lacks >= most {
				worst, most = k, lacks
			}
		}
		if worst < 0 {
			slices.Sort(left)
			return rows, left
		}
		left = append(left, rows[worst])
		rows = slices.Delete(rows, worst, worst+1)
	}
}

// A mean of values as they come.
type mean struct {
	sum float64
	n   int
}

func (m *mean) add(v float64) {
	m.sum += v
	m.n++
}

func (m *mean) value() Num { return Num(m.sum / float64(m.n)) }

// means are those between optimizers.
type means [][]mean

func newMeans(n int) means {
	m := make(means, n)
	for i := range m {
		m[i] = make([]mean, n)
	}
	return m
}

func (m means) values() [][]Num {
	out := nones(len(m))
	for i, row := range m {
		for j := range row {
			out[i][j] = row[j].value()
		}
	}
	return out
}

// noteAtlases says what a reader must know of the tests.
func (r *Results) noteAtlases(b *Between) {
	if len(b.Atlases) == 0 {
		return
	}
	add := func(format string, args ...any) { b.Notes = append(b.Notes, fmt.Sprintf(format, args...)) }
	tested := 0
	smallest := 0.
	for _, a := range b.Atlases {
		if a.Optimizers.P.Ok() {
			tested++
			smallest = max(smallest, float64(a.Optimizers.Smallest))
		}
		if len(a.Left) > 0 {
			add("%s left out of the atlas of %s at %s for want of values.", isOrAre(len(a.Left), "solution"), a.Name, a.Point)
		}
	}
	if tested == 0 {
		return
	}
	add("Whether solutions cluster by optimizer was tested by exchanging the optimizers' names within seeds (permutational analysis of variance), corrected over all atlases (Holm, %d). It also notices optimizers whose solutions are spread differently wide, without lying apart.", tested)
	if smallest*float64(tested) > Alpha {
		add("With so few seeds no clustering can be significant: the smallest p is %.2g before correction.", smallest)
	}
}
