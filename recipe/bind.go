package recipe

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A Setting is the type of a field with a syntax of its own, such as a learning
// rate that is a number or a schedule. SetRecipe may return an *Error with the
// column of a call or argument within v (see Errorf); any other error is reported
// at v itself. A field's valid range is applied to numbers before SetRecipe sees
// them.
type Setting interface {
	SetRecipe(v Value) error
	Recipe() Value
}

// A Bounded Setting is told the range that its field declares, after SetRecipe, to
// check the numbers within it.
type Bounded interface{ Within(valid Interval) error }

// A Binder is a struct of settings with arguments of its own making. BindCall sets
// it from the arguments of c; Call is the inverse.
type Binder interface {
	BindCall(c Call) error
	Call(name string) Call
}

// Bind gives the arguments of c to the fields of settings, a pointer to a struct,
// or to its BindCall where it is a Binder. Fields are declared as
//
//	LR float64 `arg:"lr" default:"1e-3" valid:"(0,inf)" search:"1e-5..1 log" help:"learning rate"`
//
// and may be float64, int, bool, string, slices of those, Recipe, or a Setting.
// Positional arguments go to the fields in order of declaration; a slice declared
// `arg:"widths,variadic"` takes all of them. Every field is set: to its default,
// written as in a recipe (a string as it is), where c does not name it; one without
// a default must be given. `choices:"relu|tanh"` limits a string, which may be
// given with or without quotes. NaN is refused, and inf outside the valid range.
//
// Errors are *Error, and leave settings half set. source is what they show where c does not know its own. Bind
// panics if the tags are wrong; Check finds that in a test.
func Bind(source string, c Call, settings any) error {
	if c.Source != "" {
		source = c.Source
	}
	if b, ok := settings.(Binder); ok {
		if err := b.BindCall(c); err != nil {
			return locate(err, source, c.Col)
		}
		return nil
	}
	s := reflect.ValueOf(settings)
	if s.Kind() != reflect.Pointer {
		panic("recipe: Bind needs a pointer to a struct")
	}
	s = s.Elem()
	fields, err := fieldsOf(s.Type())
	if err != nil {
		panic(err.Error())
	}
	for i := range fields {
		if f := &fields[i]; !f.required {
			if err := f.setDefault(s.FieldByIndex(f.index)); err != nil {
				panic(fmt.Sprintf("recipe: default of %s: %v", f.name, err))
			}
		}
	}
	if err := bindArgs(c, s, fields); err != nil {
		return locate(err, source, c.Col)
	}
	return nil
}

func bindArgs(c Call, s reflect.Value, fields []field) error {
	c.Args = gather(c.Args, fields)
	given := make([]bool, len(fields))
	positional := 0
	for _, a := range c.Args {
		i := positional
		if a.Name == "" {
			positional++
		} else {
			i = slices.IndexFunc(fields, func(f field) bool { return f.name == a.Name })
		}
		switch {
		case i < 0:
			return Errorf(a.Col, "unknown argument %q of %s%s", clip(a.Name), c.Name, suggest(a.Name, names(fields)))
		case i >= len(fields):
			return Errorf(a.Col, "%s takes %s, found one more: %s", c.Name, atMost(fields), clip(a.Value.String()))
		case given[i]:
			return Errorf(a.Col, "argument %q of %s is given twice", fields[i].name, c.Name)
		}
		given[i] = true
		if err := fields[i].set(s.FieldByIndex(fields[i].index), a.Value, a.ValueCol); err != nil {
			return fields[i].explain(err, c.Name, a.ValueCol)
		}
	}
	for i, f := range fields {
		if f.required && !given[i] {
			return Errorf(c.Col, "%s needs the argument %q, as in %s(%s=...)", c.Name, f.name, c.Name, f.name)
		}
	}
	return nil
}

// gather makes of all positional arguments a list for the variadic field, if there
// is one.
func gather(args []Arg, fields []field) []Arg {
	v := slices.IndexFunc(fields, func(f field) bool { return f.variadic })
	if v < 0 {
		return args
	}
	var list List
	var named []Arg
	for _, a := range args {
		if a.Name == "" {
			list = append(list, a)
		} else {
			named = append(named, a)
		}
	}
	if list == nil {
		return args
	}
	all := Arg{Name: fields[v].name, Value: list, Col: list[0].Col, ValueCol: list[0].Col}
	return append([]Arg{all}, named...)
}

func names(fields []field) []string {
	var list []string
	for _, f := range fields {
		list = append(list, f.name)
	}
	return list
}

func atMost(fields []field) string {
	if len(fields) == 0 {
		return "no arguments"
	}
	return fmt.Sprintf("at most %d arguments (%s)", len(fields), strings.Join(names(fields), ", "))
}
