package stat

import (
	"cmp"
	"math"
	"slices"
)

// Holm adjusts p-values for their number (Holm 1979): sorted, the i-th of m
// becomes the largest of (m-l+1) p_l over l <= i, at most 1. The probability that
// any true hypothesis has an adjusted p <= alpha is at most alpha, whatever their
// dependence. NaN is no hypothesis and stays NaN.
func Holm(p []float64) []float64 {
	out := slices.Clone(p)
	order := make([]int, 0, len(p))
	for i, v := range p {
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	floor := 0.0
	for l, i := range order {
		floor = max(floor, min(1, float64(len(order)-l)*p[i]))
		out[i] = floor
	}
	return out
}

// HolmContrasts adjusts, for the number of contrasts, p-values that are already
// adjusted within each: p[contrast][reading] are those of JointSignFlip. The
// probability that any true hypothesis, of any reading in any contrast, has a
// result <= alpha is at most alpha.
//
// It is Holm's procedure with contrasts as the things rejected: all readings are
// held to alpha/m while m contrasts have readings that are not rejected; a
// contrast all of whose readings are rejected leaves its share to the others.
// With f contrasts rejected in full, those whose largest p are smallest, a
// reading's result is thus the least over f of max(H_f, (m-f) p), where H_f is
// Holm's adjusted value of the f-th smallest of these largest p, H_0 = 0 (a
// sequential rejection: Goeman and Solari 2010). With one reading per contrast
// this is Holm. Holm for each reading by itself would count errors per reading
// only, and let through up to one alpha for each.
//
// NaN is no hypothesis; contrasts that have none do not count.
func HolmContrasts(p [][]float64) [][]float64 {
	worst := make([]float64, len(p))
	order := make([]int, 0, len(p))
	for c, row := range p {
		worst[c] = math.NaN()
		for _, v := range row {
			if !math.IsNaN(v) && !(v <= worst[c]) {
				worst[c] = v
			}
		}
		if !math.IsNaN(worst[c]) {
			order = append(order, c)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(worst[a], worst[b]) })
	whole := Holm(worst)
	out := make([][]float64, len(p))
	for c := range p {
		out[c] = slices.Clone(p[c])
	}
	for rank, c := range order {
		for j, v := range p[c] {
			if math.IsNaN(v) {
				continue
			}
			out[c][j] = min(1, float64(len(order))*v)
			for f := 1; f <= rank; f++ {
				out[c][j] = min(out[c][j], max(whole[order[f-1]], float64(len(order)-f)*v))
			}
		}
	}
	return out
}
