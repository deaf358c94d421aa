package linop

import (
	"math"
	"slices"

	"basin/kernel"
)

// Assignment solves the linear assignment problem of an n x n matrix of costs: it gives
// the permutation whose sum of cost[i, order[i]] is least, one of them where there are
// several. It is by shortest augmenting paths with prices on rows and columns (Jonker
// and Volgenant 1987), in order n^3 operations at most; the sum is least to rounding.
func Assignment(cost []float64, n int) (order []int, err error) {
	checkSize(cost, n, n)
	if !kernel.Finite(cost) {
		return nil, ErrNotFinite
	}
	cost = slices.Clone(cost)
	normalize(cost)                              // so that no difference overflows
	order, row := make([]int, n), make([]int, n) // of a row its column, of a column its row
	for i := range n {
		order[i], row[i] = -1, -1
	}
	// cost[i, j] - u[i] - v[j] is never negative, and zero where i is assigned to j.
	u, v := make([]float64, n), make([]float64, n)
	for j := range n {
		best := 0
		for i := range n {
			if cost[i*n+j] < cost[best*n+j] {
				best = i
			}
		}
		if v[j] = cost[best*n+j]; order[best] < 0 {
			order[best], row[j] = j, best
		}
	}
	// The length of the shortest path known to each column, and the row that is last on it.
	length, before := make([]float64, n), make([]int, n)
	left := make([]int, n) // columns: reached ones, then the others
	for start := range n {
		if order[start] >= 0 {
			continue
		}
		for j := range n {
			left[j], length[j], before[j] = j, math.Inf(1), -1
		}
		i, far, end := start, 0.0, -1
		reached := 0
		for end < 0 {
			next := reached
			for k := reached; k < n; k++ {
				j := left[k]
				if d := far + (cost[i*n+j] - u[i] - v[j]); d < length[j] {
					length[j], before[j] = d, i
				}
				if length[j] < length[left[next]] {
					next = k
				}
			}
			j := left[next]
			left[reached], left[next] = j, left[reached]
			reached++
			far = length[j]
			if i = row[j]; i < 0 {
				end = j
			}
		}
		for _, j := range left[:reached-1] {
			v[j] += length[j] - far
			u[row[j]] -= length[j] - far
		}
		u[start] += far
		for j := end; ; {
			i := before[j]
			row[j] = i
			order[i], j = j, order[i]
			if i == start {
				break
			}
		}
	}
	return order, nil
}
