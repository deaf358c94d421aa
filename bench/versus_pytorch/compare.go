package main

import (
	"fmt"
	"math"
	"slices"

	"basin/bench"
)

// A round is what one side did in one window.
type round struct {
	Best     float64 `json:"best_ms"`
	Median   float64 `json:"median_ms"`
	Count    int     `json:"count"`
	Peak     float64 `json:"peak_gflops,omitempty"`
	Others   float64 `json:"others"` // processor time of others in the window, in cores; -1: not known
	Resident float64 `json:"-"`
}

// compare measures one row: all sides prepare the workload, then take turns.
func compare(o *options, w *bench.Workload, threads int, how way) (*row, error) {
	var sides []*side
	defer func() {
		for _, s := range sides {
			s.close()
		}
	}()
	ours, err := startBasin(threads)
	if err != nil {
		return nil, err
	}
	sides = append(sides, ours)
	for _, s := range settings(w, threads) {
		theirs, err := startPyTorch(o.python, s, how.env, threads)
		if err != nil {
			return nil, err
		}
		sides = append(sides, theirs)
	}
	made := &row{Workload: w.Name(), Threads: threads, Way: how.name}
	var witness []float64
	for _, s := range sides {
		q := question{Spec: &w.Spec, Way: how.call + s.way, Threads: threads / len(s.processes), Runs: w.Runs}
		answers, err := s.ask(q)
		if err != nil {
			return nil, err
		}
		if s == ours {
			witness, made.Flops = answers[0].Witness, answers[0].Flops
			continue
		}
		off := distance(witness, answers[0].Witness)
		made.Distance = max(made.Distance, off)
		if !(off <= tolerance(w)) {
			return nil, fmt.Errorf("the sides do not compute the same: basin %v, %s %v", witness, s.name, answers[0].Witness)
		}
	}
	for k := range o.rounds {
		for i := range sides {
			s := sides[(i+k)%len(sides)]
			settle(sides)
			r, err := s.round(o, w)
			if err != nil {
				return nil, err
			}
			s.rounds = append(s.rounds, r)
		}
	}
	made.sum(w, sides)
	return made, nil
}

// round lets the side run for a window.
func (s *side) round(o *options, w *bench.Workload) (round, error) {
	before := s.load()
	answers, err := s.ask(question{Seconds: o.window.Seconds()})
	if err != nil {
		return round{}, err
	}
	r := round{Others: s.load().others(before), Count: answers[0].Times.Count, Peak: answers[0].Peak}
	// Processes that work side by side: their rates add up.
	var best, median float64
	for _, a := range answers {
		best += 1 / a.Times.Best
		median += 1 / a.Times.Median
		r.Resident += a.Resident
	}
	units := float64(max(1, w.Units))
	r.Best, r.Median = units/best, units/median
	return r, nil
}

// tolerance is how far the witnesses of the two sides may be apart, relatively: sums
// in another order in single precision, and what steps of training or of power
// iteration make of that.
func tolerance(w *bench.Workload) float64 {
	if w.Task == bench.Eigen || w.Net != bench.MLP {
		return 1e-3
	}
	return 1e-4
}

func distance(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	var most float64
	for i := range a {
		most = max(most, math.Abs(a[i]-b[i])/math.Abs(a[i]))
	}
	return most
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
