package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"basin/study"
)

// A fairness shows how well the runs were matched.
type fairness struct {
	Matched string
	Points  []string
	Rows    []fairRow
}

// A fairRow is one optimizer: for each point when it came there, and how exactly.
type fairRow struct {
	Label  string
	Points []fairCell
	Ended  string
}

type fairCell struct {
	Reached, When, Mismatch string
	All                     bool // whether all seeds came there
}

func newFairness(r *study.Results, labels []string) fairness {
	f := fairness{Matched: matched(r)}
	for _, t := range r.Tables {
		f.Points = append(f.Points, t.Point.String())
	}
	for _, o := range referenceFirst(&r.Study) {
		row := fairRow{Label: labels[o]}
		for i := range r.Tables {
			row.Points = append(row.Points, newFairCell(r, &r.Tables[i], o))
		}
		diverged := 0
		for _, rec := range records(r, o) {
			if rec.Ending.Kind == study.Diverged {
				diverged++
			}
		}
		if row.Ended = "budget spent"; diverged > 0 {
			row.Ended = fmt.Sprintf("%d of %d diverged", diverged, r.Study.Seeds)
		}
		f.Rows = append(f.Rows, row)
	}
	return f
}

// matched says at how many seeds all runs had the same witness.
func matched(r *study.Results) string {
	alike := 0
	for i := range r.Study.Seeds {
		same := true
		for o := range r.Study.Optimizers {
			same = same && records(r, o)[i].Witness == records(r, 0)[i].Witness
		}
		if same {
			alike++
		}
	}
	switch {
	case alike == r.Study.Seeds && alike == 1:
		return "At the one seed all optimizers had the same start and the same batches: the witnesses of their runs agree."
	case alike == r.Study.Seeds:
		return fmt.Sprintf("At each of the %d seeds all optimizers had the same start and the same batches: the witnesses of their runs agree.", alike)
	}
	return fmt.Sprintf("ONLY AT %d OF %s did all optimizers have the same start and the same batches.", alike, strings.ToUpper(count(r.Study.Seeds, "seed")))
}

func newFairCell(r *study.Results, t *study.Table, o int) fairCell {
	c := fairCell{Reached: fmt.Sprintf("%d of %d", t.Reached[o], r.Study.Seeds), All: t.Reached[o] == r.Study.Seeds}
	var steps, grads, flops []float64
	worst := 0.0
	for _, rec := range records(r, o) {
		if sol, ok := rec.Solution(t.Point); ok && sol.None == "" {
			steps, grads = append(steps, float64(sol.Step)), append(grads, sol.Cost.GradEquivalents())
			flops = append(flops, sol.Cost.Flops)
			worst = math.Max(worst, math.Abs(sol.Mismatch))
		}
	}
	if len(steps) == 0 {
		return c
	}
	c.When = fmt.Sprintf("step %s, %s gradients, %s flops", plain(middle(steps), 6), plain(middle(grads), 6), plain(middle(flops), 3))
	if t.Point.Kind == study.TrainLoss {
		c.Mismatch = fmt.Sprintf("loss within %s %%", plain(100*worst, 2))
	}
	return c
}

// pageRuns lists every run.
type pageRuns struct {
	Points []string
	Rows   []runRow
}

type runRow struct {
	Optimizer, Seed, Key, Ending, Step string
	Points                             []string
	Warnings                           []string
}

func newRuns(r *study.Results, labels []string) pageRuns {
	var p pageRuns
	for _, t := range r.Tables {
		p.Points = append(p.Points, t.Point.String())
	}
	for o := range r.Study.Optimizers {
		for _, rec := range records(r, o) {
			row := runRow{
				Optimizer: labels[o], Seed: strconv.FormatUint(rec.Run.Seed, 10), Key: rec.Key,
				Ending: string(rec.Ending.Kind), Step: strconv.Itoa(rec.Ending.Step), Warnings: rec.Warnings,
			}
			if rec.Ending.Why != "" {
				row.Ending += ": " + rec.Ending.Why
			}
			for _, t := range r.Tables {
				sol, ok := rec.Solution(t.Point)
				switch {
				case !ok:
					row.Points = append(row.Points, "-")
				case sol.None != "":
					row.Points = append(row.Points, sol.None)
				default:
					row.Points = append(row.Points, fmt.Sprintf("%s at step %d", plain(sol.Loss, 4), sol.Step))
				}
				if ok && len(sol.Warnings) > 0 {
					row.Warnings = append(row.Warnings[:len(row.Warnings):len(row.Warnings)], t.Point.String()+": "+strings.Join(sol.Warnings, "; "))
				}
			}
			p.Rows = append(p.Rows, row)
		}
	}
	return p
}
