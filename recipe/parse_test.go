package recipe

import (
	"errors"
	"strings"
	"testing"
)

func TestParsePrintsCanonically(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"adamw", "adamw"},
		{"adamw()", "adamw"},
		{" adamw\t( lr = 1e-3 ,\n weight-decay=.1 ) ", "adamw(lr=1e-3, weight_decay=0.1)"},
		{"clip_norm(1)|sgd(lr=0.1,momentum=0.9)", "clip_norm(1) | sgd(lr=0.1, momentum=0.9)"},
		{"sam(rho=0.05, base=sgd(lr=0.1))", "sam(rho=0.05, base=sgd(lr=0.1))"},
		{"ema(base=clip_norm(1) | sgd, decay=+0.99)", "ema(base=clip_norm(1) | sgd, decay=0.99)"},
		{`split(when("first|last", sgd(lr=1e-1)), rest=adamw)`, `split(when("first|last", sgd(lr=0.1)), rest=adamw)`},
		{`text(file="a \"b\"\tü\xff")`, `text(file="a \"b\"\tü\xff")`},
		{"mlp(256, 256., act=tanh, bias=true)", "mlp(256, 256, act=tanh, bias=true)"},
		{"f([], [1, [2]], x=[a, b | c, -inf], false)", "f([], [1, [2]], x=[a, b | c, -inf], false)"},
		{"class-incremental(mnist, groups=5)", "class_incremental(mnist, groups=5)"},
		{"f(0, -0, 1e6, 1e7, 12345678, 0.001, 0.01, 0.0025, 1e22, 5e-324, inf)", "f(0, -0, 1000000, 1e7, 12345678, 1e-3, 0.01, 0.0025, 1e22, 5e-324, inf)"},
		{"f(truer, infinite)", "f(truer, infinite)"},
		{"f(true=1, inf2=2)", "f(true=1, inf2=2)"},
	} {
		r, err := Parse(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
		} else if got := r.String(); got != c.want {
			t.Errorf("%s: printed %s, want %s", c.in, got, c.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	deep := strings.Repeat("f(", maxDepth+1)
	for _, c := range []struct {
		in  string
		col int
		msg string
	}{
		{"", 1, `expected a name, found the end`},
		{"  ", 3, `expected a name, found the end`},
		{"true", 1, `expected a name, found "true"`},
		{"inf", 1, `expected a name, found "inf"`},
		{"adamw(lr=1", 11, `expected ")" or ",", found the end`},
		{"clip_norm(1 | sgd", 13, `expected ")" or ",", found "|"`},
		{"sgd(lr=)", 8, `expected a value, found ")"`},
		{"sgd(lr=0.1,)", 12, `expected a value, found ")"`},
		{"sgd)", 4, `expected "|" or the end, found ")"`},
		{"sgd |", 6, `expected a name, found the end`},
		{"a, b", 2, `expected "|" or the end, found ","`},
		{"f(é)", 3, `unexpected character 'é'`},
		{`f("é", ü)`, 8, `unexpected character 'ü'`},
		{`f("open)`, 3, `a string without a closing quote, or with an unknown escape`},
		{`f("\q")`, 3, `a string without a closing quote, or with an unknown escape`},
		{"f(\"\xff\")", 3, `the string is not UTF-8; write other bytes as \xNN`},
		{"f(\xff)", 3, `the text is not UTF-8`},
		{"f(1e)", 3, `"1e" is not a number`},
		{"f(1.2.3)", 3, `"1.2.3" is not a number`},
		{"f(0x10)", 3, `"0x10" is not a number`},
		{"f(1_000)", 3, `"1_000" is not a number`},
		{"f(-x)", 3, `"-x" is not a number`},
		{"f(-infinite)", 3, `"-infinite" is not a number`},
		{"f(1e999)", 3, `1e999 is too large a number`},
		{"f(a=1, b=2, a=3)", 13, `argument "a" is given twice`},
		{"f(a-b=1, a_b=2)", 10, `argument "a_b" is given twice`},
		{"f([a=1])", 5, `expected "]" or ",", found "="`},
		{"f(\"a\" \"\r\")", 7, `expected ")" or ",", found "\r"`},
		{"f(" + strings.Repeat("é", 3) + ")", 3, `unexpected character 'é'`},
		{"f 1" + strings.Repeat("0", 100), 3, `expected "|" or the end, found "1` + strings.Repeat("0", 59) + `..."`},
		{"f(1)(2)", 5, `expected "|" or the end, found "("`},
		{deep + "x", len(deep), "brackets nested deeper than 64"},
		{"f(" + strings.Repeat("[", 1<<20), 2 + maxDepth, "brackets nested deeper than 64"},
	} {
		_, err := Parse(c.in)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%.40q: error is %v, want an *Error", c.in, err)
			continue
		}
		if e.Col != c.col || e.Msg != c.msg || e.Source != c.in {
			t.Errorf("%.40q: got column %d %q, want column %d %q", c.in, e.Col, e.Msg, c.col, c.msg)
		}
		if s := e.Error(); strings.ContainsAny(s, "\n\r") || len(s) > 400 {
			t.Errorf("%.40q: the error is not one short line: %q", c.in, s)
		}
	}
}

func TestErrorIsOneLine(t *testing.T) {
	for _, c := range []struct {
		err  *Error
		want string
	}{
		{&Error{"sgd(\nlr)", 5, "no"}, "recipe `sgd( lr)` column 5: no"},
		{&Error{"", 5, "no"}, "recipe column 5: no"},
		{&Error{"sgd", 0, "no"}, "recipe `sgd`: no"},
		{&Error{strings.Repeat("é", 200), 100, "no"}, "recipe `..." + strings.Repeat("é", 100) + "...` column 100: no"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestDepthLimitIsReached(t *testing.T) {
	s := strings.Repeat("f(", maxDepth) + "1" + strings.Repeat(")", maxDepth)
	r, err := Parse(s)
	if err != nil || r.String() != s {
		t.Fatalf("%d levels: %v", maxDepth, err)
	}
}

func TestParseList(t *testing.T) {
	list, err := ParseList("sgd(lr=0.1), clip_norm(1) | adamw, f(1,2)")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"sgd(lr=0.1)", "clip_norm(1) | adamw", "f(1, 2)"}
	if len(list) != len(want) {
		t.Fatalf("got %d recipes, want %d", len(list), len(want))
	}
	for i, r := range list {
		if r.String() != want[i] {
			t.Errorf("recipe %d: got %v, want %s", i, r, want[i])
		}
	}
	if c := list[1][1]; c.Col != 29 {
		t.Errorf("adamw is at column %d, want 29", c.Col)
	}
	for in, want := range map[string]string{
		"":      "recipe column 1: expected a name, found the end",
		"sgd,":  "recipe `sgd,` column 5: expected a name, found the end",
		"sgd)":  "recipe `sgd)` column 4: expected \"|\", \",\" or the end, found \")\"",
		"a b":   "recipe `a b` column 3: expected \"|\", \",\" or the end, found \"b\"",
		"a,,b":  "recipe `a,,b` column 3: expected a name, found \",\"",
		"a,b(1": "recipe `a,b(1` column 6: expected \")\" or \",\", found the end",
	} {
		if _, err := ParseList(in); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", in, err, want)
		}
	}
}

func TestColumns(t *testing.T) {
	r, err := Parse(`f("ü", lr = g(1,x=[2, 30]) | h)`)
	if err != nil {
		t.Fatal(err)
	}
	f := r[0]
	g := f.Args[1].Value.(Recipe)
	list := g[0].Args[1].Value.(List)
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"f", f.Col, 1}, {"first argument", f.Args[0].Col, 3}, {"lr", f.Args[1].Col, 8}, {"its value", f.Args[1].ValueCol, 13},
		{"g", g[0].Col, 13}, {"h", g[1].Col, 30}, {"x", g[0].Args[1].Col, 17}, {"its list", g[0].Args[1].ValueCol, 19},
		{"2", list[0].Col, 20}, {"30", list[1].ValueCol, 23},
	} {
		if c.got != c.want {
			t.Errorf("%s is at column %d, want %d", c.what, c.got, c.want)
		}
	}
	if g[1].Source != f.Source || !strings.HasPrefix(f.Source, "f(") {
		t.Errorf("nested calls should share the source; got %q and %q", f.Source, g[1].Source)
	}
}
