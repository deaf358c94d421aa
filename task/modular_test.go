package task

import (
	"slices"
	"testing"
)

// Both forms of the inputs are of the same pairs, and the class is the sum.
func TestModularForms(t *testing.T) {
	const p = 7
	pairs := []int{0, 13, 20, 48}
	numbers := (&modularAddition{P: p, Input: "onehot"}).sums(pairs)
	tokens := (&modularAddition{P: p, Input: "tokens"}).sums(pairs)
	if !slices.Equal(numbers.labels, []int{0, 0, 1, 5}) || !slices.Equal(tokens.labels, numbers.labels) {
		t.Errorf("classes %v and %v", numbers.labels, tokens.labels)
	}
	for i, pair := range pairs {
		if got := tokens.tokens[3*i : 3*i+3]; !slices.Equal(got, []int{pair / p, pair % p, p}) {
			t.Errorf("the tokens of pair %d are %v", pair, got)
		}
		want := make([]float32, 2*p)
		want[pair/p], want[p+pair%p] = 1, 1
		if got := values[float32](numbers.x)[i*2*p : (i+1)*2*p]; !slices.Equal(got, want) {
			t.Errorf("the numbers of pair %d are %v", pair, got)
		}
	}
}
