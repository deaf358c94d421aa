package report

import (
	"fmt"
	"slices"
	"strings"

	"basin/study"
)

// sentences says how differences were tested, in the order in which a reader asks.
func sentences(r *study.Results) []string {
	var list []string
	switch n := r.Tests; {
	case len(r.Study.Optimizers) < 2:
	case n.Family == 0:
		list = append(list, "No reading could be tested.")
	default:
		list = append(list, fmt.Sprintf("Each optimizer was compared with %s over paired seeds by exact sign flips, corrected for %s at once and for %s (Holm); significant means p <= %s after that.",
			shortLabels(r.Study.Optimizers)[r.Study.Reference], count(n.Family, "reading"), count(n.Contrasts, "contrast"), plain(n.Alpha, 3)))
		smallest := fmt.Sprintf("The smallest p that %s can give is %s before Holm", count(r.Study.Seeds, "seed"), plain(float64(n.SmallestP), 2))
		if !n.SmallestP.Ok() {
			smallest = fmt.Sprintf("%s can give no p", count(r.Study.Seeds, "seed"))
		}
		if n.Enough {
			smallest += ": enough to find differences"
		}
		list = append(list, smallest+".")
	}
	return append(list, r.Notes...)
}

// explain writes how differences were tested, and the notes.
func explain(t *text, r *study.Results) {
	list := sentences(r)
	if len(list) == 0 {
		return
	}
	t.line("%s", t.paint(bold, "Tests and notes"))
	for _, s := range list {
		t.para("  - ", s)
	}
	t.line("")
}

// warnings writes each warning of the solutions once, with the runs that have it.
func warnings(t *text, r *study.Results, labels []string) {
	var list []string
	runs := map[string][]int{} // of a warning, by optimizer
	for o := range labels {
		for _, rec := range records(r, o) {
			var own []string
			for _, sol := range rec.Solutions {
				own = append(own, sol.Warnings...)
			}
			slices.Sort(own)
			for _, w := range slices.Compact(own) {
				if runs[w] == nil {
					list, runs[w] = append(list, w), make([]int, len(labels))
				}
				runs[w][o]++
			}
		}
	}
	if len(list) == 0 {
		return
	}
	t.line("%s", t.paint(bold, "Warnings of solutions"))
	for _, w := range list {
		var who []string
		for o, n := range runs[w] {
			if n > 0 {
				who = append(who, labels[o]+" in "+count(n, "run"))
			}
		}
		t.para("  - ", w+": "+strings.Join(who, ", "))
	}
	t.line("")
}

// legend writes the whole recipe of every optimizer whose column does not show it.
func legend(t *text, r *study.Results, labels []string) {
	wide, any := 0, false
	for o, label := range labels {
		wide = max(wide, cols(label))
		any = any || label != r.Study.Optimizers[o].Recipe
	}
	if !any {
		return
	}
	t.line("%s", t.paint(bold, "Optimizers"))
	for o, label := range labels {
		t.para("  "+padRight(label, wide)+"  ", r.Study.Optimizers[o].Recipe)
	}
	t.line("")
}

// reading writes how to read it all.
func reading(t *text, r *study.Results) {
	t.para("", "How to read: mean over seeds ± half its 95 % interval; \"-\" no value, [n] see the note with that number.")
	if len(r.Study.Optimizers) > 1 {
		t.para("", "↑* ↓* significantly above or below (ref) at the same seeds; difference, interval and d (the difference in its own standard deviations) are over pairs of runs; \"all\" at every point.")
	}
}
