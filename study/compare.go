package study

import (
	"fmt"
	"slices"
	"strings"

	"basin/stat"
)

// Alpha is the level at which differences are called significant, after all
// corrections, and one less the coverage of intervals.
const Alpha = 0.05

// Compare says what the records of a study say. Records come in the order of
// optimizers, then seeds. What they hold beyond the study's points and probes is
// left out, so that results do not depend on what else a store was asked for.
//
// Each optimizer is compared with the reference by paired differences over seeds.
// Per contrast, joint sign flips over seeds with the step-down maximum statistic
// correct for all headline readings at all points at once (Westfall and Young
// 1993); Holm corrects over contrasts.
func Compare(s *Study, records []*Record) (*Results, error) {
	if len(records) != len(s.Optimizers)*s.Seeds {
		return nil, fmt.Errorf("study: %d records for %d optimizers and %d seeds", len(records), len(s.Optimizers), s.Seeds)
	}
	r := &Results{Schema: Schema, Study: *s}
	for _, rec := range records {
		r.Records = append(r.Records, s.view(rec))
	}
	if err := r.checkMatched(); err != nil {
		return nil, err
	}
	for _, p := range s.Points {
		r.Tables = append(r.Tables, r.table(p))
	}
	for _, p := range s.Along() {
		r.Along = append(r.Along, r.table(p))
	}
	r.test()
	r.note()
	return r, nil
}

// at is the record of optimizer o at the i-th seed.
func (r *Results) at(o, i int) *Record { return r.Records[o*r.Study.Seeds+i] }

// view is the record with the study's points and probes alone, in its order.
func (s *Study) view(rec *Record) *Record {
	v := *rec
	v.Solutions = nil
	for _, p := range slices.Concat(s.Points, s.Along()) {
		sol, ok := rec.Solution(p)
		if !ok {
			continue
		}
		w := *sol
		w.Measured = nil
		for _, probe := range s.Probes {
			if m, ok := sol.Measurement(probe); ok {
				w.Measured = append(w.Measured, *m)
			}
		}
		v.Solutions = append(v.Solutions, w)
	}
	return &v
}

// checkMatched refuses records of one seed that did not have the same start and
// the same batches.
func (r *Results) checkMatched() error {
	for i := range r.Study.Seeds {
		want := r.at(0, i)
		for o := range r.Study.Optimizers {
			if got := r.at(o, i); got.Witness != want.Witness {
				return fmt.Errorf("study: runs %s and %s of seed %d did not have the same start and batches (witness %s, %s)",
					want.Key, got.Key, i+1, want.Witness, got.Witness)
			}
		}
	}
	return nil
}

// table gathers what was read at one point.
func (r *Results) table(p Point) Table {
	s := &r.Study
	t := Table{Point: p, Reached: make([]int, len(s.Optimizers)), Rows: []Row{}}
	type id struct{ probe, name string }
	rows := map[id]int{}
	for o := range s.Optimizers {
		for i := range s.Seeds {
			sol, ok := r.at(o, i).Solution(p)
			if !ok || sol.None != "" {
				continue
			}
			t.Reached[o]++
			for reading := range sol.Readings() {
				k := id{reading.Probe, reading.Name}
				if _, ok := rows[k]; !ok {
					rows[k] = len(t.Rows)
					t.Rows = append(t.Rows, Row{
						Probe: reading.Probe, Name: reading.Name, Unit: reading.Unit,
						Headline: slices.Contains(s.Headlines, reading.Name), Cells: make([]Cell, len(s.Optimizers)),
					})
				}
			}
		}
	}
	for _, row := range t.Rows {
		for o := range row.Cells {
			row.Cells[o] = r.cell(o, func(rec *Record) (stat.Reading, string) {
				sol, _ := rec.Solution(p)
				return sol.reading(row.Name)
			})
		}
	}
	return t
}

// cell gathers one reading of one optimizer over seeds; read gives it with a value, or says why
// there is none.
func (r *Results) cell(o int, read func(*Record) (reading stat.Reading, none string)) Cell {
	c := Cell{Mean: None, SD: None, Lo: None, Hi: None}
	var values []float64
	var why []string
	for i := range r.Study.Seeds {
		value, err := None, None
		reading, none := read(r.at(o, i))
		if none == "" {
			value, err = Num(reading.Value), Num(reading.Err)
			values = append(values, reading.Value)
		} else {
			why = append(why, none)
		}
		c.Values, c.Errs = append(c.Values, value), append(c.Errs, err)
		for _, w := range reading.Warnings {
			if !slices.Contains(c.Warnings, w) {
				c.Warnings = append(c.Warnings, w)
			}
		}
	}
	c.N = len(values)
	if c.N == 0 {
		slices.Sort(why)
		c.None = strings.Join(slices.Compact(why), "; ")
		return c
	}
	sum := stat.Summarize(values)
	c.Mean, c.SD = Num(sum.Mean), Num(sum.SD)
	if i, ok := stat.StudentInterval(values, Alpha); ok {
		c.Lo, c.Hi = Num(i.Lo), Num(i.Hi)
	}
	return c
}

// reading gives a reading with a value, or says why there is none.
func (s *Solution) reading(name string) (r stat.Reading, none string) {
	if s == nil {
		return r, "the run was not asked for this point"
	}
	if s.None != "" {
		return r, s.None
	}
	for r := range s.Readings() {
		if r.Name == name {
			if !r.Defined() {
				return r, r.None
			}
			return r, ""
		}
	}
	return r, "not measured"
}

// test fills in the contrasts of all headline rows.
func (r *Results) test() {
	s := &r.Study
	r.Tests = Tests{Alpha: Alpha, Contrasts: len(s.Optimizers) - 1}
	r.Tests.SmallestP = Num(stat.SmallestP(s.Seeds))
	if r.Tests.Contrasts < 1 {
		return
	}
	if n, ok := stat.SeedsForLevel(Alpha, r.Tests.Contrasts); ok {
		r.Tests.SeedsFor = n
		r.Tests.Enough = s.Seeds >= n
	}
	var byOptimizer [][]*Contrast
	for o := range s.Optimizers {
		if o != s.Reference {
			byOptimizer = append(byOptimizer, r.contrast(o))
		}
	}
	for i := range byOptimizer[0] {
		if slices.ContainsFunc(byOptimizer, func(c []*Contrast) bool { return c[i].None == "" }) {
			r.Tests.Family++
		}
	}
	p := make([][]float64, len(byOptimizer))
	for k, contrasts := range byOptimizer {
		for _, c := range contrasts {
			p[k] = append(p[k], float64(c.PMax))
		}
	}
	for k, adjusted := range stat.HolmContrasts(p) {
		for i, v := range adjusted {
			byOptimizer[k][i].PAdj = Num(v)
		}
	}
}

// contrast compares optimizer o with the reference in every headline row, points
// in order, rows in order.
func (r *Results) contrast(o int) []*Contrast {
	var contrasts []*Contrast
	joint := make([][]float64, r.Study.Seeds) // seeds x readings
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			if !row.Headline {
				continue
			}
			diffs := stat.Differences(numbers(row.Cells[o].Values), numbers(row.Cells[r.Study.Reference].Values))
			for i, d := range diffs {
				joint[i] = append(joint[i], d)
			}
			pairs := stat.Present(diffs)
			c := &Contrast{N: len(pairs), Diff: None, Lo: None, Hi: None, D: None, P: None, PMax: None, PAdj: None}
			row.Cells[o].Contrast = c
			contrasts = append(contrasts, c)
			if len(pairs) == 0 {
				c.None = "no seed has a value for both"
				continue
			}
			c.Diff = Num(stat.Summarize(pairs).Mean)
			c.D = Num(stat.Standardized(pairs))
			if i, ok := stat.SignFlipInterval(pairs, Alpha); ok {
				c.Lo, c.Hi = Num(i.Lo), Num(i.Hi)
			}
		}
	}
	for k, t := range stat.JointSignFlip(joint, Alpha/float64(r.Tests.Contrasts)) {
		c := contrasts[k]
		if t.None != "" {
			c.None = t.None
			continue
		}
		c.P, c.PMax = Num(t.P), Num(t.Adjusted)
	}
	return contrasts
}

func numbers(values []Num) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
}

// note says what a reader must know of the whole.
func (r *Results) note() {
	s := &r.Study
	add := func(format string, args ...any) { r.Notes = append(r.Notes, fmt.Sprintf(format, args...)) }
	add("The optimizers were not tuned: each ran at the one setting given. A property can move more over an optimizer's own learning rates than between optimizers.")
	if r.Tests.Contrasts > 0 && !r.Tests.Enough {
		add("%s too few: with %s no difference can be significant; it takes %d.", isOrAre(s.Seeds, "seed"), count(r.Tests.Contrasts, "contrast"), r.Tests.SeedsFor)
	}
	if n := len(r.Along); n > 0 {
		add("Along training, %s recorded and drawn but not tested: of a series the last point alone is, so that looking often costs no power.", isOrAre(n, "point"))
	}
	for o, opt := range s.Optimizers {
		diverged := 0
		for i := range s.Seeds {
			if r.at(o, i).Ending.Kind == Diverged {
				diverged++
			}
		}
		if diverged > 0 {
			add("%s diverged in %d of %d runs.", opt.Label, diverged, s.Seeds)
		}
		for _, t := range r.Tables {
			if t.Point.Kind != End && t.Reached[o] < s.Seeds {
				add("%s came to %s in %d of %d runs.", opt.Label, t.Point, t.Reached[o], s.Seeds)
			}
		}
		off := 0
		for i := range s.Seeds {
			for _, sol := range r.at(o, i).Solutions {
				if len(sol.Warnings) > 0 {
					off++
				}
			}
		}
		if off > 0 {
			add("%s has %s with a warning.", opt.Label, count(off, "solution"))
		}
	}
}

func isOrAre(n int, thing string) string {
	if n == 1 {
		return "1 " + thing + " is"
	}
	return count(n, thing) + " are"
}

// count writes a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
