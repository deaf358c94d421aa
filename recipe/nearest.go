package recipe

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Nearest gives up to three of the names that may have been meant by name, nearest
// first: those that a few edits make of it, at most a third of its length, case aside.
func Nearest(name string, among []string) []string {
	type candidate struct {
		name  string
		edits int
	}
	want := fold(name)
	length := len([]rune(want))
	limit := min(max(1, length/3), length-1)
	var near []candidate
	for _, n := range among {
		if d := edits(want, fold(n)); d <= limit {
			near = append(near, candidate{n, d})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.edits, b.edits) })
	var names []string
	for _, c := range near[:min(3, len(near))] {
		names = append(names, c.name)
	}
	return names
}

// Unknown is the message for a name that is none of among:
//
//	unknown optimizer "adamm"; did you mean "adam"?
func Unknown(kind, name string, among []string) string {
	return fmt.Sprintf("unknown %s %q", kind, clip(name)) + suggest(name, among)
}

func suggest(name string, among []string) string {
	const few = 24
	near := Nearest(name, among)
	switch {
	case len(near) > 0:
		return didYouMean(near)
	case len(among) == 0:
		return "; there is none"
	case len(among) <= few:
		return "; known: " + strings.Join(among, ", ")
	}
	return ""
}

func didYouMean(near []string) string {
	if len(near) == 0 {
		return ""
	}
	quoted := make([]string, len(near))
	for i, n := range near {
		quoted[i] = strconv.Quote(n)
	}
	last := len(quoted) - 1
	if last == 0 {
		return "; did you mean " + quoted[0] + "?"
	}
	return "; did you mean " + strings.Join(quoted[:last], ", ") + " or " + quoted[last] + "?"
}

func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "_") }

// edits is the number of insertions, deletions, substitutions and swaps of
// neighbours that turn a into b (optimal string alignment).
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, prev, cur := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range cur {
		cur[j] = j
	}
	for i := range x {
		before, prev, cur = prev, cur, before
		cur[0] = i + 1
		for j := range y {
			substitute := prev[j]
			if x[i] != y[j] {
				substitute++
			}
			cur[j+1] = min(prev[j+1]+1, cur[j]+1, substitute)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				cur[j+1] = min(cur[j+1], before[j-1]+1)
			}
		}
	}
	return cur[len(y)]
}
