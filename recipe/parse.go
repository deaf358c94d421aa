package recipe

import "slices"

// maxDepth bounds how deeply brackets may be nested.
const maxDepth = 64

// Parse reads one recipe. Its errors are *Error.
func Parse(s string) (Recipe, error) {
	p := newParser(s)
	r := p.recipe()
	p.end(`"|" or the end`)
	if p.err != nil {
		return nil, p.err
	}
	return r, nil
}

// ParseList reads recipes separated by commas. Its errors are *Error.
func ParseList(s string) ([]Recipe, error) {
	p := newParser(s)
	list := []Recipe{p.recipe()}
	for p.skip(",") {
		list = append(list, p.recipe())
	}
	p.end(`"|", "," or the end`)
	if p.err != nil {
		return nil, p.err
	}
	return list, nil
}

// parseValue reads one value of any kind.
func parseValue(s string) (Value, error) {
	p := newParser(s)
	v := p.value()
	p.end("the end")
	if p.err != nil {
		return nil, p.err
	}
	return v, nil
}

// A parser descends along the grammar. After the first error it sees nothing but
// the end of the text, and every loop stops.
type parser struct {
	scan  scanner
	tok   token
	depth int
	err   error // nil or *Error
}

func newParser(s string) *parser {
	p := &parser{scan: scanner{src: s, col: 1}}
	p.advance()
	return p
}

func (p *parser) fail(err *Error) {
	if p.err == nil {
		err.Source = p.scan.src
		p.err = err
	}
	p.tok = token{col: p.tok.col}
}

func (p *parser) expected(what string) {
	p.fail(Errorf(p.tok.col, "expected %s, found %v", what, p.tok))
}

func (p *parser) advance() {
	if p.err != nil {
		return
	}
	t, err := p.scan.next()
	if err != nil {
		p.fail(err)
		return
	}
	p.tok = t
}

func (p *parser) is(mark string) bool { return p.tok.kind == markToken && p.tok.text == mark }

func (p *parser) skip(mark string) bool {
	if !p.is(mark) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) end(what string) {
	if p.tok.kind != endToken {
		p.expected(what)
	}
}

func (p *parser) recipe() Recipe {
	r := Recipe{p.call()}
	for p.skip("|") {
		r = append(r, p.call())
	}
	return r
}

func (p *parser) call() Call {
	if p.tok.kind != nameToken || isBool(p.tok.text) {
		p.expected("a name")
		return Call{}
	}
	c := Call{Name: p.tok.text, Col: p.tok.col, Source: p.scan.src}
	p.advance()
	if p.is("(") {
		c.Args = p.args(")", p.arg)
	}
	return c
}

// args reads from an opening bracket to the closing one.
func (p *parser) args(closing string, one func() Arg) []Arg {
	if p.depth++; p.depth > maxDepth {
		p.fail(Errorf(p.tok.col, "brackets nested deeper than %d", maxDepth))
	}
	defer func() { p.depth-- }()
	p.advance()
	if p.skip(closing) {
		return nil
	}
	var args []Arg
	for {
		args = append(args, one())
		p.refuseTwice(args)
		if p.skip(closing) {
			return args
		}
		if !p.skip(",") {
			p.expected(`"` + closing + `" or ","`)
			return nil
		}
	}
}

// refuseTwice fails if the last argument has the name of an earlier one.
func (p *parser) refuseTwice(args []Arg) {
	last := args[len(args)-1]
	if last.Name != "" && slices.ContainsFunc(args[:len(args)-1], func(a Arg) bool { return a.Name == last.Name }) {
		p.fail(Errorf(last.Col, "argument %q is given twice", clip(last.Name)))
	}
}

func (p *parser) arg() Arg {
	a := Arg{Col: p.tok.col}
	if p.tok.kind == nameToken {
		ahead := p.scan
		if t, err := ahead.next(); err == nil && t.kind == markToken && t.text == "=" {
			a.Name = p.tok.text
			p.advance()
			p.advance()
		}
	}
	a.ValueCol = p.tok.col
	a.Value = p.value()
	return a
}

func (p *parser) element() Arg {
	col := p.tok.col
	return Arg{Value: p.value(), Col: col, ValueCol: col}
}

func (p *parser) value() Value {
	switch t := p.tok; {
	case t.kind == numberToken:
		p.advance()
		return Number(t.num)
	case t.kind == stringToken:
		p.advance()
		return String(t.str)
	case t.kind == nameToken && isBool(t.text):
		p.advance()
		return Bool(t.text == "true")
	case t.kind == nameToken:
		return p.recipe()
	case p.is("["):
		return List(p.args("]", p.element))
	}
	p.expected("a value")
	return nil
}

func isBool(s string) bool { return s == "true" || s == "false" }
