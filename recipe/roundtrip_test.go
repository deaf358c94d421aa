package recipe

import (
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// bare is r without columns and source, for comparison.
func bare(r Recipe) Value { return withoutCols(r) }

// sameValue compares numbers by their bits, so that -0 is not 0.
var sameValue = cmp.Comparer(func(a, b Number) bool {
	return math.Float64bits(float64(a)) == math.Float64bits(float64(b))
})

var (
	anyName   = rapid.StringMatching(`[a-zA-Z_][a-zA-Z0-9_]{0,5}`).Filter(isName)
	anyNumber = rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.Inf(1), math.Inf(-1), math.Copysign(0, -1), math.MaxFloat64, math.SmallestNonzeroFloat64, 1e6, 1e7, 1e21, 1e-7}))
)

func drawRecipe(t *rapid.T, depth int) Recipe {
	r := make(Recipe, rapid.IntRange(1, 3).Draw(t, "links"))
	for i := range r {
		r[i] = Call{Name: anyName.Draw(t, "name"), Args: drawArgs(t, depth, true)}
	}
	return r
}

func drawArgs(t *rapid.T, depth int, named bool) []Arg {
	var args []Arg
	seen := map[string]bool{}
	for range rapid.IntRange(0, 3).Draw(t, "args") {
		a := Arg{Value: drawValue(t, depth)}
		if named && rapid.Bool().Draw(t, "named") {
			a.Name = rapid.StringMatching(`[a-z_][a-z0-9_]{0,3}`).Draw(t, "arg")
			if a.Name == "inf" || seen[a.Name] {
				a.Name = ""
			}
			seen[a.Name] = true
		}
		args = append(args, a)
	}
	return args
}

func drawValue(t *rapid.T, depth int) Value {
	kinds := 5
	if depth == 0 {
		kinds = 3
	}
	switch rapid.IntRange(1, kinds).Draw(t, "kind") {
	case 1:
		return Number(anyNumber.Draw(t, "number"))
	case 2:
		return String(rapid.String().Draw(t, "string"))
	case 3:
		return Bool(rapid.Bool().Draw(t, "bool"))
	case 4:
		return List(drawArgs(t, depth-1, false))
	}
	return drawRecipe(t, depth-1)
}

func TestPrintThenParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawRecipe(t, 3)
		got, err := Parse(want.String())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(bare(want), bare(got), sameValue); d != "" {
			t.Fatalf("%v changed (-printed +parsed):\n%s", want, d)
		}
	})
}

// FuzzParse holds any text to this: either an error that points into it, or a
// recipe that prints and parses to itself.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "adamw", "clip_norm(1) | adamw(lr=1e-3, weight-decay=0.1)", `split(when("first|last", sgd(lr=.1)), rest=adamw)`,
		`text(file="\u00e9\xff\"")`, "f([1,[2,-inf]],a=true)", "f(1e999)", "f(--1)", "é", "f(\xff)", "f(((((", "a,b", "f(a=1,a=2)", "\"\r\"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := Parse(s)
		if err != nil {
			checkPlace(t, s, err)
			return
		}
		text := r.String()
		again, err := Parse(text)
		if err != nil {
			t.Fatalf("%q prints as %q, which does not parse: %v", s, text, err)
		}
		if d := cmp.Diff(bare(r), bare(again), sameValue); d != "" || again.String() != text {
			t.Fatalf("%q prints as %q and then as %q\n%s", s, text, again.String(), d)
		}
		list, err := ParseList(s + "," + text)
		if err != nil || len(list) != 2 || list[0].String() != text || list[1].String() != text {
			t.Fatalf("as a list of two, %q gives %v, %v", s, list, err)
		}
	})
}

func checkPlace(t *testing.T, s string, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%q: error is %T, want *Error", s, err)
	}
	if e.Source != s || e.Col < 1 || e.Col > utf8.RuneCountInString(s)+1 {
		t.Fatalf("%q: error at column %d of %q", s, e.Col, e.Source)
	}
	if strings.ContainsAny(err.Error(), "\n\r") {
		t.Fatalf("%q: error is not one line: %q", s, err)
	}
}

// FuzzBind holds any call to this: either an error that points into the text, or
// settings whose canonical form binds to the same canonical form.
func FuzzBind(f *testing.F) {
	for _, s := range []string{
		"rule", "rule(0.1, weight_decay=1, act=tanh)", "rule(lr=inf)", "rule(every=1e300)", "rule(schedule=ramp(1, to=2))",
		`rule(file="x", rates=[1], base=a|b)`, "mlp(256, 64, bias=false)", "mlp(widths=[])", "text(x, [a, b], [a])", "rule(beta=-0, cap=inf)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := Parse(s)
		if err != nil {
			return
		}
		for _, settings := range []any{&ruleSettings{}, &netSettings{}, &fileSettings{}} {
			for _, c := range r {
				if err := Bind(s, c, settings); err != nil {
					checkPlace(t, s, err)
					continue
				}
				text := Format(c.Name, settings).String()
				if again, err := bindText(text, settings); err != nil || again != text {
					t.Fatalf("%q binds as %s and then as %s, %v", s, text, again, err)
				}
			}
		}
	})
}
