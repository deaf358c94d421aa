package study

import (
	"fmt"
	"slices"

	"basin/stat"
)

// mostPaired bounds the solutions at one point that are compared with one another.
const mostPaired = 256

// PairedSeeds is the number of seeds whose solutions are compared with one another: all, or
// the first ones where there would be too many pairs.
func (s *Study) PairedSeeds() int {
	return min(s.Seeds, max(1, mostPaired/len(s.Optimizers)))
}

// Between is what lies between the solutions of a study.
type Between struct {
	// Runs are the indices of the records whose solutions are compared, in the order of the
	// rows and columns of matrices.
	Runs     []int    `json:"runs"`
	Matrices []Matrix `json:"matrices,omitempty"` // points in order, then readings
	Courses  []Course `json:"courses,omitempty"`
	Atlases  []Atlas  `json:"atlases,omitempty"` // in the order of their matrices
	Notes    []string `json:"notes,omitempty"`
}

// A Matrix is one reading between all solutions at one point. It is symmetric.
type Matrix struct {
	Point    Point   `json:"point"`
	Probe    string  `json:"probe"`
	Name     string  `json:"name"`
	Unit     string  `json:"unit,omitempty"`
	Headline bool    `json:"headline"`
	Values   [][]Num `json:"values"` // null where there is none, and on the diagonal
	Errs     [][]Num `json:"errs"`   // standard errors of measurement
	None     []Gap   `json:"none,omitempty"`
}

// A Gap says why there is no value: for whole runs, or for single pairs, by rows and
// columns; for all pairs where it names none.
type Gap struct {
	Why   string   `json:"why"`
	Rows  []int    `json:"rows,omitempty"`
	Pairs [][2]int `json:"pairs,omitempty"`
}

// A Course is what was read between the solutions of each run at two points that follow one
// another.
type Course struct {
	From Point `json:"from"`
	To   Point `json:"to"`
	Rows []Row `json:"rows"`
}

// Means gives the means of a matrix over pairs of solutions: of one optimizer at different
// seeds, of different optimizers at one seed, and of both different.
func (r *Results) Means(m *Matrix) (sameOptimizer, sameSeed, neither Num) {
	var of [3]mean
	for i, row := range m.Values {
		for j, v := range row[:i] {
			a, b := r.Between.Runs[i], r.Between.Runs[j]
			switch n := r.Study.Seeds; {
			case !v.Ok():
			case a/n == b/n:
				of[0].add(float64(v))
			case a%n == b%n:
				of[1].add(float64(v))
			default:
				of[2].add(float64(v))
			}
		}
	}
	return of[0].value(), of[1].value(), of[2].value()
}

// Relate fills in what lies between the solutions. Pairs that the study did not ask for are
// left out.
func (r *Results) Relate(pairs []Pair) {
	b := &Between{}
	row := map[string]int{}
	for o := range r.Study.Optimizers {
		for i := range r.Study.PairedSeeds() {
			row[r.at(o, i).Key] = len(b.Runs)
			b.Runs = append(b.Runs, o*r.Study.Seeds+i)
		}
	}
	for _, p := range r.Study.Points {
		b.Matrices = append(b.Matrices, r.matrices(p, pairs, row)...)
	}
	for _, course := range r.Study.Courses() {
		for i := 1; i < len(course); i++ {
			if c := r.course(course[i-1], course[i], pairs); len(c.Rows) > 0 {
				b.Courses = append(b.Courses, c)
			}
		}
	}
	if len(b.Matrices)+len(b.Courses) == 0 {
		return
	}
	if n := r.Study.PairedSeeds(); n < r.Study.Seeds {
		b.Notes = append(b.Notes, fmt.Sprintf("Solutions are compared with one another at the first %d of %d seeds.", n, r.Study.Seeds))
	}
	for i := range b.Matrices {
		if m := &b.Matrices[i]; m.Headline && !m.hasValue() && len(m.None) > 0 {
			b.Notes = append(b.Notes, fmt.Sprintf("%s at %s has no value: %s.", m.Name, m.Point, m.None[len(m.None)-1].Why))
		}
	}
	b.Atlases = r.atlases(b)
	r.noteAtlases(b)
	r.Between = b
}

// between gives what a pair's measures read, in the order of the study's probes.
func (s *Study) between(p *Pair) []stat.Reading {
	var readings []stat.Reading
	for _, probe := range s.Probes {
		if m, ok := p.Measurement(probe); ok {
			readings = append(readings, m.Readings...)
		}
	}
	return readings
}

// matrices gathers what was read between the solutions at one point.
func (r *Results) matrices(at Point, pairs []Pair, row map[string]int) []Matrix {
	var list []Matrix
	type id struct{ probe, name string }
	of := map[id]int{}
	n := len(row)
	seen := []map[[2]int]bool{} // of each matrix, the pairs measured
	for k := range pairs {
		p := &pairs[k]
		i, okA := row[p.A.Key]
		j, okB := row[p.B.Key]
		if !okA || !okB || i == j || p.A.Point != at || p.B.Point != at {
			continue
		}
		for _, reading := range r.Study.between(p) {
			key := id{reading.Probe, reading.Name}
			m, ok := of[key]
			if !ok {
				m = len(list)
				of[key] = m
				list = append(list, Matrix{Point: at, Probe: reading.Probe, Name: reading.Name, Unit: reading.Unit, Headline: slices.Contains(r.Study.Headlines, reading.Name), Values: nones(n), Errs: nones(n)})
				seen = append(seen, map[[2]int]bool{})
			}
			lo, hi := min(i, j), max(i, j)
			seen[m][[2]int{lo, hi}] = true
			if !reading.Defined() {
				list[m].gap(reading.None, lo, hi)
				continue
			}
			for _, at := range [][2]int{{i, j}, {j, i}} {
				list[m].Values[at[0]][at[1]], list[m].Errs[at[0]][at[1]] = Num(reading.Value), Num(reading.Err)
			}
		}
	}
	for m := range list {
		missing := r.unreached(at)
		list[m].None = append(missing, list[m].None...)
		var absent [][2]int
		for j := range n {
			for i := range j {
				if !seen[m][[2]int{i, j}] && !gone(missing, i) && !gone(missing, j) {
					absent = append(absent, [2]int{i, j})
				}
			}
		}
		if !list[m].hasValue() && len(list[m].None) == len(missing)+1 {
			list[m].None[len(missing)].Pairs = nil
		}
		if absent != nil {
			list[m].None = append(list[m].None, Gap{Why: "not measured: they share neither the seed nor the optimizer", Pairs: absent})
		}
	}
	return list
}

// unreached are the rows of runs that did not come to a point.
func (r *Results) unreached(at Point) []Gap {
	var gaps []Gap
	n := r.Study.PairedSeeds()
	for o := range r.Study.Optimizers {
		for i := range n {
			sol, ok := r.at(o, i).Solution(at)
			if ok && sol.None == "" {
				continue
			}
			why := "the run was not asked for this point"
			if ok {
				why = sol.None
			}
			k := slices.IndexFunc(gaps, func(g Gap) bool { return g.Why == why })
			if k < 0 {
				k, gaps = len(gaps), append(gaps, Gap{Why: why})
			}
			gaps[k].Rows = append(gaps[k].Rows, o*n+i)
		}
	}
	return gaps
}

// gone tells whether a row is among those of gaps.
func gone(gaps []Gap, row int) bool {
	return slices.ContainsFunc(gaps, func(g Gap) bool { return slices.Contains(g.Rows, row) })
}

func (m *Matrix) gap(why string, i, j int) {
	k := slices.IndexFunc(m.None, func(g Gap) bool { return g.Why == why })
	if k < 0 {
		k, m.None = len(m.None), append(m.None, Gap{Why: why})
	}
	m.None[k].Pairs = append(m.None[k].Pairs, [2]int{i, j})
}

// hasValue tells whether any pair has a value.
func (m *Matrix) hasValue() bool {
	return slices.ContainsFunc(m.Values, func(row []Num) bool { return slices.ContainsFunc(row, Num.Ok) })
}

// nones is an n x n matrix without values.
func nones(n int) [][]Num {
	m := make([][]Num, n)
	for i := range m {
		m[i] = slices.Repeat([]Num{None}, n)
	}
	return m
}

// course gathers what was read between two points of each run.
func (r *Results) course(from, to Point, pairs []Pair) Course {
	c := Course{From: from, To: to}
	read := map[string][]stat.Reading{} // by the run's key
	var names []stat.Reading
	for k := range pairs {
		p := &pairs[k]
		if p.A.Key != p.B.Key || !(p.A.Point == from && p.B.Point == to || p.A.Point == to && p.B.Point == from) {
			continue
		}
		read[p.A.Key] = r.Study.between(p)
		for _, reading := range read[p.A.Key] {
			if !slices.ContainsFunc(names, func(o stat.Reading) bool { return o.Probe == reading.Probe && o.Name == reading.Name }) {
				names = append(names, reading)
			}
		}
	}
	for _, name := range names {
		row := Row{Probe: name.Probe, Name: name.Name, Unit: name.Unit, Headline: slices.Contains(r.Study.Headlines, name.Name)}
		for o := range r.Study.Optimizers {
			row.Cells = append(row.Cells, r.cell(o, func(rec *Record) (stat.Reading, string) {
				for _, p := range []Point{from, to} {
					if sol, ok := rec.Solution(p); ok && sol.None != "" {
						return stat.Reading{}, sol.None
					}
				}
				for _, reading := range read[rec.Key] {
					if reading.Name == name.Name {
						return reading, reading.None
					}
				}
				return stat.Reading{}, "not measured"
			}))
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}
