package recipe

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

type activation string

type common struct {
	LR float64 `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1 log" help:"learning rate"`
}

// ruleSettings has a field of every kind that a rule might declare.
type ruleSettings struct {
	common
	Decay    float64    `arg:"weight_decay" default:"0" valid:"[0,inf)" help:"decoupled weight decay"`
	Beta     float64    `arg:"beta" default:"0.9" valid:"[0,1)" help:"decay of the mean"`
	Cap      float64    `arg:"cap" default:"inf" valid:"[1,inf]" help:"largest step"`
	Every    int        `arg:"every" default:"10" valid:"[1,inf]" help:"steps between updates"`
	Nesterov bool       `arg:"nesterov" default:"false" help:"look ahead"`
	Act      activation `arg:"act" default:"relu" choices:"relu|tanh|x+y" help:"activation"`
	File     string     `arg:"file" default:"" help:"where to read"`
	Rates    []float64  `arg:"rates" default:"[0.5, 1]" valid:"(0,1]" help:"rates"`
	Base     Recipe     `arg:"base" default:"sgd(lr=0.1)" help:"inner rule"`
	Schedule rate       `arg:"schedule" default:"1" valid:"(0,inf)" help:"number or ramp"`
	State    int
}

// A rate is a number or a ramp(from, to) of numbers.
type rate struct{ From, To float64 }

type ramp struct {
	From float64 `arg:"from" help:"first"`
	To   float64 `arg:"to" help:"last"`
}

func (r *rate) SetRecipe(v Value) error {
	switch v := v.(type) {
	case Number:
		*r = rate{float64(v), float64(v)}
		return nil
	case Recipe:
		if len(v) != 1 || v[0].Name != "ramp" {
			return Errorf(v[0].Col, "%s", Unknown("schedule", v[0].Name, []string{"ramp"}))
		}
		var s ramp
		if err := Bind("", v[0], &s); err != nil {
			return err
		}
		*r = rate(s)
		return nil
	}
	return fmt.Errorf("neither a number nor a schedule")
}

func (r rate) Recipe() Value {
	if r.From == r.To {
		return Number(r.From)
	}
	return Recipe{Format("ramp", ramp(r))}
}

func (r rate) Within(valid Interval) error {
	if !valid.Contains(r.From) || !valid.Contains(r.To) {
		return fmt.Errorf("leaves %v", valid)
	}
	return nil
}

type netSettings struct {
	Widths []int `arg:"widths,variadic" default:"[128]" valid:"[1,inf)" help:"hidden widths"`
	Bias   bool  `arg:"bias" default:"true" help:"add a bias"`
}

type fileSettings struct {
	File   string   `arg:"file" help:"path"`
	Tasks  []Recipe `arg:"tasks" default:"[]" help:"tasks"`
	Except []string `arg:"except" default:"" choices:"a|b" help:"left out"`
	Then   Recipe   `arg:"then" default:"" help:"what follows"`
}

// A parts binds names of its own making to recipes.
type parts struct{ list []Arg }

func (p *parts) BindCall(c Call) error {
	p.list = nil
	for _, a := range c.Args {
		if _, ok := a.Value.(Recipe); !ok {
			return Errorf(a.ValueCol, "part %q is no recipe", a.Name)
		}
		p.list = append(p.list, a)
	}
	if p.list == nil {
		return fmt.Errorf("no parts")
	}
	return nil
}

func (p *parts) Call(name string) Call { return Call{Name: name, Args: p.list} }

// bindText binds a recipe of one call and gives its canonical form.
func bindText(text string, settings any) (string, error) {
	r, err := Parse(text)
	if err != nil {
		return "", err
	}
	if err := Bind(text, r[0], settings); err != nil {
		return "", err
	}
	return Format(r[0].Name, settings).String(), nil
}

func TestBindThenFormat(t *testing.T) {
	const rest = "file=\"\", rates=[0.5, 1], base=sgd(lr=0.1), schedule=1)"
	for _, c := range []struct {
		settings any
		in, want string
	}{
		{&ruleSettings{}, "rule", "rule(lr=1e-3, weight_decay=0, beta=0.9, cap=inf, every=10, nesterov=false, act=relu, " + rest},
		{&ruleSettings{}, "rule(0.1, 1, 0, 1, 1e1, true, tanh)", "rule(lr=0.1, weight_decay=1, beta=0, cap=1, every=10, nesterov=true, act=tanh, " + rest},
		{&ruleSettings{}, `rule(act="x+y", cap=2)`, `rule(lr=1e-3, weight_decay=0, beta=0.9, cap=2, every=10, nesterov=false, act="x+y", ` + rest},
		{&ruleSettings{}, `rule(file=word, rates=[], base=a|b(c=[1]), schedule=ramp(1, to=2))`,
			`rule(lr=1e-3, weight_decay=0, beta=0.9, cap=inf, every=10, nesterov=false, act=relu, file="word", rates=[], base=a | b(c=[1]), schedule=ramp(from=1, to=2))`},
		{&netSettings{}, "mlp", "mlp(128, bias=true)"},
		{&netSettings{}, "mlp(256, 64, bias=false)", "mlp(256, 64, bias=false)"},
		{&netSettings{}, "mlp(bias=false, 256)", "mlp(256, bias=false)"},
		{&netSettings{}, "mlp(widths=[3, 2])", "mlp(3, 2, bias=true)"},
		{&netSettings{}, "mlp(widths=[])", "mlp(widths=[], bias=true)"},
		{&netSettings{}, "linear(widths=[], bias=true)", "linear(widths=[], bias=true)"},
		{&fileSettings{}, `text("a b", except=[a, "b"], tasks=[x(1), y|z])`, `text(file="a b", tasks=[x(1), y | z], except=[a, b])`},
		{&fileSettings{}, `text(input, then=stop)`, `text(file="input", tasks=[], except=[], then=stop)`},
		{&parts{}, "split(matrix=muon, when(1))", "split(matrix=muon, when(1))"},
	} {
		got, err := bindText(c.in, c.settings)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.in, got, c.want)
		}
		again, err := bindText(got, c.settings)
		if err != nil || again != got {
			t.Errorf("%s binds to %s, %v", got, again, err)
		}
	}
}

func TestBindSetsEveryField(t *testing.T) {
	s := ruleSettings{common: common{LR: 7}, Decay: 7, Act: "tanh", Rates: []float64{7}, Base: Word("x"), State: 7}
	if _, err := bindText("rule(beta=0.5)", &s); err != nil {
		t.Fatal(err)
	}
	want := ruleSettings{common: common{LR: 1e-3}, Beta: 0.5, Cap: math.Inf(1), Every: 10, Act: "relu", Rates: []float64{.5, 1},
		Base:     Recipe{{Name: "sgd", Args: []Arg{{Name: "lr", Value: Number(.1)}}}},
		Schedule: rate{1, 1}, State: 7}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
}

func TestBindErrors(t *testing.T) {
	for _, c := range []struct {
		settings any
		in       string
		col      int
		msg      string
	}{
		{&ruleSettings{}, "rule(wieght_decay=1)", 6, `unknown argument "wieght_decay" of rule; did you mean "weight_decay"?`},
		{&netSettings{}, "mlp(depth=1)", 5, `unknown argument "depth" of mlp; known: widths, bias`},
		{&ruleSettings{}, "rule(lr=0)", 9, `lr of rule must be in (0,inf), found 0`},
		{&ruleSettings{}, "rule(lr=inf)", 9, `lr of rule must be in (0,inf), found inf`},
		{&ruleSettings{}, "rule(beta=1)", 11, `beta of rule must be in [0,1), found 1`},
		{&ruleSettings{}, "rule(cap=0.5)", 10, `cap of rule must be in [1,inf], found 0.5`},
		{&ruleSettings{}, "rule(every=2.5)", 12, `every of rule must be a whole number, found 2.5`},
		{&ruleSettings{}, "rule(every=inf)", 12, `every of rule must be a whole number, found inf`},
		{&ruleSettings{}, "rule(every=1e17)", 12, `every of rule must be a whole number of less than 2^53 = 9007199254740992 in size; 1e+17 is too large`},
		{&ruleSettings{}, "rule(every=9007199254740993)", 12, `every of rule must be a whole number of less than 2^53 = 9007199254740992 in size; 9.01e+15 is too large`},
		{&ruleSettings{}, "rule(every=-9223372036854775807)", 12, `every of rule must be a whole number of less than 2^53 = 9007199254740992 in size; -9.22e+18 is too large`},
		{&netSettings{}, "mlp(8, 9223372036854775807)", 8, `widths of mlp must be a whole number of less than 2^53 = 9007199254740992 in size; 9.22e+18 is too large`},
		{&ruleSettings{}, "rule(lr=nan)", 9, `lr of rule must be a number; NaN is not one`},
		{&ruleSettings{}, "rule(every=NaN)", 12, `every of rule must be a number; NaN is not one`},
		{&ruleSettings{}, "rule(rates=[1, nan])", 16, `rates of rule must be a number; NaN is not one`},
		{&ruleSettings{}, "rule(schedule=nan)", 15, `schedule of rule must be a number; NaN is not one`},
		{&ruleSettings{}, "rule(schedule=ramp(1, nan))", 23, `to of ramp must be a number; NaN is not one`},
		{&ruleSettings{}, "rule(every=0)", 12, `every of rule must be in [1,inf], found 0`},
		{&ruleSettings{}, "rule(nesterov=1)", 15, `nesterov of rule must be true or false, found 1`},
		{&ruleSettings{}, "rule(act=rleu)", 10, `act of rule must be one of relu, tanh, x+y, found rleu; did you mean "relu"?`},
		{&ruleSettings{}, "rule(act=1)", 10, `act of rule must be one of relu, tanh, x+y, found 1`},
		{&ruleSettings{}, "rule(file=a(1))", 11, `file of rule must be a string such as "text", found a(1)`},
		{&ruleSettings{}, "rule(file=a|b)", 11, `file of rule must be a string such as "text", found a | b`},
		{&ruleSettings{}, "rule(rates=1)", 12, `rates of rule must be a list such as [...], found 1`},
		{&ruleSettings{}, "rule(rates=[1, 0])", 16, `rates of rule must be in (0,1], found 0`},
		{&ruleSettings{}, "rule(base=1)", 11, `base of rule must be a recipe such as name(x=1), found 1`},
		{&ruleSettings{}, "rule(1, lr=2)", 9, `argument "lr" of rule is given twice`},
		{&ruleSettings{}, "rule(lr=2, 1)", 12, `argument "lr" of rule is given twice`},
		{&netSettings{}, "mlp(1, widths=[2])", 8, `argument "widths" of mlp is given twice`},
		{&netSettings{}, "mlp(256, 0)", 10, `widths of mlp must be in [1,inf), found 0`},
		{&fileSettings{}, "text(except=[])", 1, `text needs the argument "file", as in text(file=...)`},
		{&fileSettings{}, "text(a, [], [], b, c)", 20, `text takes at most 4 arguments (file, tasks, except, then), found one more: c`},
		{&fileSettings{}, "text(a, except=[c])", 17, `except of text must be one of a, b, found c`},
		{&ruleSettings{}, "rule(schedule=0)", 15, `schedule of rule must be in (0,inf), found 0`},
		{&ruleSettings{}, "rule(schedule=true)", 15, `schedule of rule: neither a number nor a schedule`},
		{&ruleSettings{}, "rule(schedule=rmap(1, 2))", 15, `unknown schedule "rmap"; did you mean "ramp"?`},
		{&ruleSettings{}, "rule(schedule=ramp(1, too=2))", 23, `unknown argument "too" of ramp; did you mean "to"?`},
		{&ruleSettings{}, "rule(schedule=ramp(1))", 15, `ramp needs the argument "to", as in ramp(to=...)`},
		{&ruleSettings{}, "rule(schedule=ramp(1, -2))", 15, `schedule of rule: leaves (0,inf)`},
		{&parts{}, "split(a=1)", 9, `part "a" is no recipe`},
		{&parts{}, " split", 2, `no parts`},
		{&struct{}{}, "none(1)", 6, `none takes no arguments, found one more: 1`},
		{&struct{}{}, "none(x=1)", 6, `unknown argument "x" of none; there is none`},
	} {
		_, err := bindText(c.in, c.settings)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: error is %v, want an *Error", c.in, err)
			continue
		}
		if e.Col != c.col || e.Msg != c.msg || e.Source != c.in {
			t.Errorf("%s: got column %d: %s\nwant column %d: %s", c.in, e.Col, e.Msg, c.col, c.msg)
		}
	}
}

func TestErrorOfNestedRecipePointsIntoTheWhole(t *testing.T) {
	r, err := Parse("sam(rho=0.05, base=rule(beta=2))")
	if err != nil {
		t.Fatal(err)
	}
	var s ruleSettings
	err = Bind("", r[0].Args[1].Value.(Recipe)[0], &s)
	const want = "recipe `sam(rho=0.05, base=rule(beta=2))` column 30: beta of rule must be in [0,1), found 2"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestBindRefusesNaN(t *testing.T) {
	nan := Number(math.NaN())
	for _, a := range []Arg{{Name: "lr", Value: nan}, {Name: "cap", Value: nan}, {Name: "every", Value: nan}, {Name: "schedule", Value: nan}} {
		if err := Bind("", Call{Name: "rule", Args: []Arg{a}}, &ruleSettings{}); err == nil || !strings.Contains(err.Error(), "NaN") {
			t.Errorf("%s: got %v", a.Name, err)
		}
	}
}

func TestMadeByHandHasNoColumn(t *testing.T) {
	err := Bind("the text", Call{Name: "rule", Args: []Arg{{Name: "lr", Value: Number(-1)}}}, &ruleSettings{})
	if want := "recipe `the text`: lr of rule must be in (0,inf), found -1"; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
