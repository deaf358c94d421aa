package main

import (
	"fmt"
	"io"
	"slices"

	"basin/bench"
)

// report is all that is printed as JSON.
type report struct {
	Machine *machine `json:"machine"`
	Rows    []*row   `json:"rows"`
}

// A row compares basin with PyTorch at its best setting.
type row struct {
	Workload string `json:"workload"`
	Threads  int    `json:"threads"`
	Way      string `json:"way,omitempty"` // PyTorch's, where there are several
	Setting  string `json:"setting"`       // PyTorch's
	// Ratio is PyTorch's time over basin's, by medians of adjacent windows: the median
	// over rounds, the lowest and the highest. Fastest is that of the shortest times.
	Ratio    float64 `json:"ratio"`
	Low      float64 `json:"ratio_low"`
	High     float64 `json:"ratio_high"`
	Fastest  float64 `json:"ratio_of_best"`
	Basin    spread  `json:"basin"`
	PyTorch  spread  `json:"pytorch"`
	Flops    float64 `json:"flops"`
	Share    float64 `json:"share_of_peak"` // basin's, of its fastest unit
	Distance float64 `json:"distance"`      // between the two witnesses
	Others   float64 `json:"others"`        // most processor time of others in any window
}

// A spread is what the rounds of one side came to.
type spread struct {
	Median   float64 `json:"median_ms"`
	Best     float64 `json:"best_ms"`
	Resident float64 `json:"resident_bytes"`
	Rounds   []round `json:"rounds"`
}

func (s *side) spread() spread {
	var all []float64
	sum := spread{Rounds: s.rounds, Best: s.rounds[0].Best}
	for _, r := range s.rounds {
		all = append(all, r.Median)
		sum.Best = min(sum.Best, r.Best)
		sum.Resident = max(sum.Resident, r.Resident)
	}
	sum.Median = median(all)
	return sum
}

// sum fills in the row from the rounds; the first side is basin's.
func (r *row) sum(w *bench.Workload, sides []*side) {
	ours := sides[0]
	theirs := slices.MinFunc(sides[1:], func(a, b *side) int {
		if a.spread().Median < b.spread().Median {
			return -1
		}
		return 1
	})
	r.Basin, r.PyTorch, r.Setting = ours.spread(), theirs.spread(), theirs.name
	var ratios []float64
	var peak float64
	for i, round := range ours.rounds {
		ratios = append(ratios, theirs.rounds[i].Median/round.Median)
		peak = max(peak, round.Peak)
	}
	r.Ratio, r.Low, r.High = median(ratios), slices.Min(ratios), slices.Max(ratios)
	r.Fastest = r.PyTorch.Best / r.Basin.Best
	if peak > 0 {
		r.Share = r.Flops * float64(max(1, w.Units)) / (r.Basin.Best * 1e6) / (peak * float64(r.Threads))
	}
	for _, s := range sides {
		for _, round := range s.rounds {
			r.Others = max(r.Others, round.Others)
		}
	}
}

const columns = "%-72s %7s  %9s %9s %6s %8s  %9s %9s %8s  %6s %13s %7s %6s  %s\n"

func header(out io.Writer) {
	fmt.Fprintf(out, columns, "", "", "basin", "", "", "", "PyTorch", "", "", "PyTorch/basin", "", "", "", "")
	fmt.Fprintf(out, columns, "workload", "threads", "ms", "best", "% peak", "MiB", "ms", "best", "MiB", "ratio", "range", "of best", "others", "setting")
}

func (r *row) print(out io.Writer) {
	name := r.Workload
	if r.Way != "" {
		name += " (" + r.Way + ")"
	}
	mark := ""
	if r.busy() {
		mark = "!"
	}
	fmt.Fprintf(out, columns, name, fmt.Sprint(r.Threads),
		number(r.Basin.Median), number(r.Basin.Best), fmt.Sprintf("%.0f", 100*r.Share), fmt.Sprintf("%.0f", r.Basin.Resident/(1<<20)),
		number(r.PyTorch.Median), number(r.PyTorch.Best), fmt.Sprintf("%.0f", r.PyTorch.Resident/(1<<20)),
		fmt.Sprintf("%.2f", r.Ratio), fmt.Sprintf("%.2f to %.2f", r.Low, r.High), fmt.Sprintf("%.2f", r.Fastest), fmt.Sprintf("%.2f%s", r.Others, mark), r.Setting)
}

// number prints a time in milliseconds with three digits.
func number(ms float64) string {
	switch {
	case ms >= 100:
		return fmt.Sprintf("%.0f", ms)
	case ms >= 10:
		return fmt.Sprintf("%.1f", ms)
	case ms >= 1:
		return fmt.Sprintf("%.2f", ms)
	}
	return fmt.Sprintf("%.4f", ms)
}

// busy tells whether others used the machine while the row was measured.
func (r *row) busy() bool { return r.Others > 0.1 }

func (r *report) footnotes(out io.Writer) {
	fmt.Fprint(out, `
ms is the median over rounds of the median time in a window, best the shortest time of all. A ratio above
1 says that basin is faster; it is taken in each round, between windows that follow each other. of best is
the ratio of the shortest times. % peak is the rate of arithmetic in basin's shortest time over that of
fused multiply-adds from registers. MiB is the most memory resident. others is the processor time, in
cores, that other programs used in the worst window.
`)
	busy := 0
	for _, row := range r.Rows {
		if row.busy() {
			busy++
		}
		if row.Others < 0 {
			fmt.Fprintln(out, "warning: this system does not tell whether it was idle")
			return
		}
	}
	if busy > 0 {
		fmt.Fprintf(out, "warning: the machine was not idle: other programs ran during %d of %d rows, marked !; trust ratios at 1 thread, and no time\n", busy, len(r.Rows))
	}
}
