package report

import (
	"slices"
	"testing"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		words string
		width int
		want  []string
	}{
		{"one two three", 7, []string{"one two", "three"}},
		{"one two three", 20, []string{"one two three"}},
		{"incomprehensible", 6, []string{"incomp", "rehens", "ible"}},
		{"a ±±±±", 4, []string{"a", "±±±±"}},
		{"", 5, []string{""}},
	} {
		if got := wrap(c.words, c.width); !slices.Equal(got, c.want) {
			t.Errorf("%q in %d columns is %q, not %q", c.words, c.width, got, c.want)
		}
	}
}

func TestFootnotesAreShared(t *testing.T) {
	var f footnotes
	for i, want := range []int{1, 2, 1, 3, 2} {
		if got := f.mark([]string{"a", "b", "a", "c", "b"}[i]); got != want {
			t.Errorf("mark %d is %d, not %d", i, got, want)
		}
	}
	if !slices.Equal(f, footnotes{"a", "b", "c"}) {
		t.Errorf("notes %q", f)
	}
}
