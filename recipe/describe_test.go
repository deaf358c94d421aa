package recipe

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDescribe(t *testing.T) {
	unit, one := Interval{0, 1, true, false}, Interval{1, finite.Hi, false, true}
	for _, c := range []struct {
		settings any
		pick     int
		want     Param
	}{
		{ruleSettings{}, 0, Param{Name: "lr", Kind: "number", Default: "1e-3", Valid: &Interval{0, finite.Hi, true, true}, Search: &Search{1e-5, 1, true}, Help: "learning rate"}},
		{ruleSettings{}, 6, Param{Name: "act", Kind: "choice", Default: "relu", Choices: []string{"relu", "tanh", "x+y"}, Help: "activation"}},
		{ruleSettings{}, 7, Param{Name: "file", Kind: "string", Default: `""`, Help: "where to read"}},
		{ruleSettings{}, 8, Param{Name: "rates", Kind: "list of numbers", Default: "[0.5, 1]", Valid: &unit, Help: "rates"}},
		{&ruleSettings{}, 9, Param{Name: "base", Kind: "recipe", Default: "sgd(lr=0.1)", Help: "inner rule"}},
		{&ruleSettings{}, 10, Param{Name: "schedule", Kind: "rate", Default: "1", Valid: &Interval{0, finite.Hi, true, true}, Help: "number or ramp"}},
		{netSettings{}, 0, Param{Name: "widths", Kind: "list of integers", Variadic: true, Default: "[128]", Valid: &one, Help: "hidden widths"}},
		{fileSettings{}, 0, Param{Name: "file", Kind: "string", Required: true, Help: "path"}},
		{fileSettings{}, 3, Param{Name: "then", Kind: "recipe", Help: "what follows"}},
	} {
		if d := cmp.Diff(c.want, Describe(c.settings)[c.pick]); d != "" {
			t.Errorf("%T (-want +got):\n%s", c.settings, d)
		}
	}
	const lr = `{"name":"lr","kind":"number","default":"1e-3","valid":"(0,inf)","search":"1e-5..1 log","help":"learning rate"}`
	if text, err := json.Marshal(Describe(ruleSettings{})[0]); err != nil || string(text) != lr {
		t.Errorf("as JSON: got %s, %v\nwant %s", text, err, lr)
	}
	if n := len(Describe(ruleSettings{})); n != 11 {
		t.Errorf("ruleSettings has %d arguments, want 11", n)
	}
}

// A lossy setting forgets what it was set to.
type lossy struct{ n int }

func (l *lossy) SetRecipe(Value) error { l.n++; return nil }
func (l lossy) Recipe() Value          { return Number(len(strings.Repeat("x", l.n)) * 2) }

// A counter counts how often any of its kind was set.
type counter struct{ n int }

var counted int

func (c *counter) SetRecipe(Value) error { counted++; c.n = counted; return nil }
func (c counter) Recipe() Value          { return Number(c.n) }

func TestCheck(t *testing.T) {
	for _, good := range []any{ruleSettings{}, &netSettings{}, fileSettings{}, struct{}{}, struct{ State chan int }{}, lossy{}} {
		if err := Check(good); err != nil {
			t.Errorf("%T: %v", good, err)
		}
	}
	for _, c := range []struct {
		settings any
		want     string
	}{
		{7, "settings must be a struct, not int"},
		{struct {
			X float64 `arg:"1x" default:"1" help:"h"`
		}{}, `"1x" cannot be the name of an argument`},
		{struct {
			X float64 `arg:"a-b" default:"1" help:"h"`
		}{}, `"a-b" cannot be the name of an argument`},
		{struct {
			X float64 `arg:"true" default:"1" help:"h"`
		}{}, `"true" cannot be the name of an argument`},
		{struct {
			x float64 `arg:"x" default:"1" help:"h"`
		}{1}, "it is not exported"},
		{struct {
			X float64 `arg:"x,many" default:"1" help:"h"`
		}{}, `unknown option "many"`},
		{struct {
			X float64 `arg:"x,variadic" default:"1" help:"h"`
		}{}, "only a list can be variadic, not float64"},
		{struct {
			X float32 `arg:"x" default:"1" help:"h"`
		}{}, "no argument can have type float32"},
		{struct {
			X [][]int `arg:"x" default:"[]" help:"h"`
		}{}, "no argument can have type [][]int"},
		{struct {
			X float64 `arg:"x" default:"1" help:"h"`
			Y float64 `arg:"x" default:"1" help:"h"`
		}{}, `another field is called "x" too`},
		{struct {
			X float64 `arg:"x" default:"1"`
		}{}, "it has no help"},
		{struct {
			X float64 `arg:"x" default:"" help:"h"`
		}{}, "default: recipe column 1: expected a value, found the end"},
		{struct {
			X float64 `arg:"x" default:"0" valid:"(0,1)" help:"h"`
		}{}, "default: must be in (0,1), found 0"},
		{struct {
			X []int `arg:"x" default:"[1, 2.5]" help:"h"`
		}{}, "default: must be a whole number, found 2.5"},
		{struct {
			X string `arg:"x" default:"c" choices:"a|b" help:"h"`
		}{}, "default: must be one of a, b, found \"c\""},
		{struct {
			X string `arg:"x" default:"a" choices:"a|b|a" help:"h"`
		}{}, `choice "a" is there twice`},
		{struct {
			X string `arg:"x" default:"a" choices:"a|" help:"h"`
		}{}, "a choice is empty"},
		{struct {
			X int `arg:"x" default:"1" choices:"1|2" help:"h"`
		}{}, "choices are for strings"},
		{struct {
			X float64 `arg:"x" default:"1" valid:"0..1" help:"h"`
		}{}, `"0..1" is not a range such as [0,1) or (0,inf)`},
		{struct {
			X bool `arg:"x" default:"true" valid:"[0,1]" help:"h"`
		}{}, "a valid range is for numbers"},
		{struct {
			X float64 `arg:"x" default:"1" search:"1" help:"h"`
		}{}, `"1" is not a search range such as 0..1 or 1e-5..1 log`},
		{struct {
			X float64 `arg:"x" default:"1" valid:"[0,1]" search:"0..2" help:"h"`
		}{}, "the search range 0..2 leaves the valid range [0,1]"},
		{struct {
			X []int `arg:"x" default:"[]" search:"0..2" help:"h"`
		}{}, "a search range is for a number"},
		{struct {
			X []int `arg:"x,variadic" default:"[]" help:"h"`
			Y []int `arg:"y,variadic" default:"[]" help:"h"`
		}{}, "has 2 variadic arguments"},
		{struct {
			X counter `arg:"x" default:"1" help:"h"`
		}{}, "print as defaults(x="},
	} {
		if err := Check(c.settings); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v:\n got %v\nwant %s", c.settings, err, c.want)
		}
	}
}

func TestWrongTagsPanic(t *testing.T) {
	type wrong struct {
		X float64 `arg:"x" default:"0" valid:"(0,1)"`
	}
	for name, f := range map[string]func(){
		"bad default":      func() { _ = Bind("", Call{}, &wrong{}) },
		"not a pointer":    func() { _ = Bind("", Call{}, wrong{}) },
		"describe":         func() { Describe(wrong{}) },
		"NaN has no text":  func() { Format("rule", ruleSettings{Decay: finite.Lo - finite.Lo}) },
		"format of number": func() { Format("x", 7) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if s, _ := recover().(string); !strings.HasPrefix(s, "recipe: ") {
					t.Errorf("panic is %q, want one of package recipe", s)
				}
			}()
			f()
		})
	}
}
