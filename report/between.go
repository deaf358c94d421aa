package report

import (
	"fmt"
	"strings"

	"basin/study"
)

// dissimilarity names that of an atlas.
func dissimilarity(r *study.Results, a *study.Atlas) string {
	for _, l := range r.Study.Atlases {
		if l.Name == a.Name && l.Same != 0 {
			return plain(l.Same, 3) + " - " + a.Name
		}
	}
	return a.Name
}

// clustering says whether solutions cluster by optimizer.
func clustering(a *study.Atlas, alpha float64) string {
	c := &a.Optimizers
	if c.None != "" {
		return "Whether solutions cluster by optimizer could not be tested: " + c.None + "."
	}
	verdict := "No sign that solutions cluster by optimizer"
	if c.Clusters(alpha) {
		verdict = "Solutions cluster by optimizer"
	}
	return fmt.Sprintf("%s: p %s, R² %s where chance gives %s.", verdict,
		plain(float64(c.PAdj), 2), plain(float64(c.R2), 2), plain(float64(c.Chance), 2))
}

// decides says whether the start or the optimizer brings solutions nearer together.
func decides(a *study.Atlas) string {
	if !a.SameOptimizer.Ok() || !a.SameSeed.Ok() {
		return ""
	}
	if a.SameOptimizer < a.SameSeed {
		return "Solutions of one optimizer are nearer together than those from one start on the same batches."
	}
	return "Solutions from one start on the same batches are nearer together than those of one optimizer."
}

// mostPoints is the number of points, the last ones, whose atlases are shown in full.
const mostPoints = 4

// lyingBetween writes what lies between solutions.
func lyingBetween(t *text, r *study.Results) {
	b := r.Between
	if b == nil {
		return
	}
	t.line("%s", t.paint(bold, "Between solutions"))
	width := 0
	for _, m := range b.Matrices {
		width = max(width, cols(m.Name))
	}
	heads := []string{"same optimizer", "same seed", "both different"}
	points := r.Study.Points
	if more := len(points) - mostPoints; more > 0 {
		points = points[more:]
		t.line("  At the last %d points; for the others see the page.", mostPoints)
	}
	for _, at := range points {
		said := false
		for k := range b.Matrices {
			m := &b.Matrices[k]
			if m.Point != at || !m.Headline {
				continue
			}
			if !said {
				said = true
				t.line("  %s  %s", padRight("at "+at.String(), width), strings.Join(heads, "  "))
			}
			one, seed, neither := r.Means(m)
			line := "  " + padRight(m.Name, width)
			for j, v := range []study.Num{one, seed, neither} {
				line += "  " + padLeft(plain(float64(v), 3), cols(heads[j]))
			}
			t.line("%s", line)
		}
		for k := range b.Atlases {
			if a := &b.Atlases[k]; a.Point == at {
				t.para("    by "+dissimilarity(r, a)+": ", clustering(a, r.Tests.Alpha))
			}
		}
	}
	for _, c := range b.Courses[max(0, len(b.Courses)-mostPoints):] {
		for _, row := range c.Rows {
			if row.Headline {
				t.para("  ", courseLine(r, &c, &row))
			}
		}
	}
	for _, n := range b.Notes {
		t.para("  - ", n)
	}
	t.line("")
}

// courseLine tells one reading between two points of each run.
func courseLine(r *study.Results, c *study.Course, row *study.Row) string {
	labels := shortLabels(r.Study.Optimizers)
	var list []string
	for _, o := range referenceFirst(&r.Study) {
		cell := &row.Cells[o]
		if cell.N == 0 {
			list = append(list, labels[o]+" -")
			continue
		}
		mean, err := rowScale(row).plusMinus(float64(cell.Mean), half(cell))
		if err != "" {
			mean += " ± " + err
		}
		list = append(list, labels[o]+" "+mean)
	}
	return fmt.Sprintf("%s from %s to %s: %s", title(row), c.From, c.To, strings.Join(list, ", "))
}
