package recipe

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	rules := []string{"sgd", "adam", "adamw", "adagrad", "muon", "lion", "sam", "weight_decay"}
	for _, c := range []struct {
		name string
		want []string
	}{
		{"adamm", []string{"adam", "adamw"}},
		{"AdamW", []string{"adamw", "adam"}},
		{"wieght-decay", []string{"weight_decay"}},
		{"wight_deca", []string{"weight_decay"}},
		{"sdg", []string{"sgd"}},
		{"mon", []string{"muon"}},
		{"rmsprop", nil},
		{"x", nil},
		{"", nil},
	} {
		if got := Nearest(c.name, rules); !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestUnknown(t *testing.T) {
	many := make([]string, 30)
	for i := range many {
		many[i] = "optimizer"
	}
	for _, c := range []struct {
		name  string
		among []string
		want  string
	}{
		{"adamm", []string{"adam", "sgd"}, `unknown optimizer "adamm"; did you mean "adam"?`},
		{"sgb", []string{"sga", "sgc", "sgd", "sge"}, `unknown optimizer "sgb"; did you mean "sga", "sgc" or "sgd"?`},
		{"lamb", []string{"adam", "sgd"}, `unknown optimizer "lamb"; known: adam, sgd`},
		{"lamb", many, `unknown optimizer "lamb"`},
		{"lamb", nil, `unknown optimizer "lamb"; there is none`},
	} {
		if got := Unknown("optimizer", c.name, c.among); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// TestEdits compares the distance with its recursive definition.
func TestEdits(t *testing.T) {
	var define func(a, b []rune) int
	define = func(a, b []rune) int {
		if len(a) == 0 || len(b) == 0 {
			return len(a) + len(b)
		}
		n, m := len(a)-1, len(b)-1
		substitute := define(a[:n], b[:m])
		if a[n] != b[m] {
			substitute++
		}
		d := min(substitute, define(a[:n], b)+1, define(a, b[:m])+1)
		if n > 0 && m > 0 && a[n] == b[m-1] && a[n-1] == b[m] {
			d = min(d, define(a[:n-1], b[:m-1])+1)
		}
		return d
	}
	word := rapid.StringMatching(`[abé]{0,5}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if got, want := edits(a, b), define([]rune(a), []rune(b)); got != want {
			t.Fatalf("edits(%q, %q) = %d, want %d", a, b, got, want)
		}
	})
}
