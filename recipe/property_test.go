package recipe

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawSettings gives any settings that Bind could have made.
func drawSettings(t *rapid.T) ruleSettings {
	positive := rapid.Float64Range(math.SmallestNonzeroFloat64, math.MaxFloat64)
	s := ruleSettings{
		common:   common{positive.Draw(t, "lr")},
		Decay:    rapid.Float64Range(0, math.MaxFloat64).Draw(t, "weight_decay"),
		Beta:     rapid.Float64Range(0, math.Nextafter(1, 0)).Draw(t, "beta"),
		Cap:      rapid.OneOf(rapid.Float64Range(1, math.MaxFloat64), rapid.Just(math.Inf(1))).Draw(t, "cap"),
		Every:    rapid.IntRange(1, 1<<53-1).Draw(t, "every"),
		Nesterov: rapid.Bool().Draw(t, "nesterov"),
		Act:      rapid.SampledFrom([]activation{"relu", "tanh", "x+y"}).Draw(t, "act"),
		File:     rapid.String().Draw(t, "file"),
		Rates:    rapid.SliceOfN(rapid.Float64Range(1e-300, 1), 0, 3).Draw(t, "rates"),
		Base:     drawRecipe(t, 2),
	}
	s.Schedule = rate{positive.Draw(t, "from"), positive.Draw(t, "to")}
	return s
}

func TestFormatThenBind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawSettings(t)
		text := Format("rule", want).String()
		r, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var got ruleSettings
		if err := Bind(text, r[0], &got); err != nil {
			t.Fatal(err)
		}
		ignoreCols := cmp.Transformer("bare", func(r Recipe) []any { return []any{withoutCols(r)} })
		plain := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Base" }, ignoreCols)
		if d := cmp.Diff(want, got, cmp.AllowUnexported(ruleSettings{}), plain, sameValue); d != "" {
			t.Fatalf("%s binds to other settings (-want +got):\n%s", text, d)
		}
		if again := Format("rule", got).String(); again != text {
			t.Fatalf("formats as\n%s\nand then as\n%s", text, again)
		}
	})
}

func TestNumbersPrintShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := anyNumber.Draw(t, "x")
		v, err := parseValue(Number(x).String())
		if err != nil {
			t.Fatal(err)
		}
		if n, ok := v.(Number); !ok || math.Float64bits(float64(n)) != math.Float64bits(x) {
			t.Fatalf("%v prints as %v and reads back as %v", x, Number(x), v)
		}
	})
}
