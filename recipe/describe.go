package recipe

import (
	"fmt"
	"reflect"
	"slices"
)

// A Param describes one argument of a call.
type Param struct {
	Name     string    `json:"name"`
	Kind     string    `json:"kind"` // number, integer, bool, string, choice, recipe, list of ..., or a Setting's type
	Variadic bool      `json:"variadic,omitempty"`
	Required bool      `json:"required,omitempty"`
	Default  string    `json:"default,omitempty"` // canonical text
	Valid    *Interval `json:"valid,omitempty"`   // nil where none is declared
	Search   *Search   `json:"search,omitempty"`  // nil where it is not tuned
	Choices  []string  `json:"choices,omitempty"`
	Help     string    `json:"help"`
}

// Describe lists the arguments of settings, a struct or a pointer to one, in order
// of declaration.
func Describe(settings any) []Param {
	t := addressable(settings).Type()
	fields, err := fieldsOf(t)
	if err != nil {
		panic(err.Error())
	}
	var params []Param
	for i := range fields {
		f := &fields[i]
		p := Param{Name: f.name, Kind: f.kind(), Variadic: f.variadic, Required: f.required, Search: f.search, Choices: f.choices, Help: f.help}
		if f.ranged {
			p.Valid = &f.valid
		}
		if !f.required {
			dst := reflect.New(f.typ).Elem()
			if err := f.setDefault(dst); err != nil {
				panic(fmt.Sprintf("recipe: default of %s: %v", f.name, err))
			}
			if v := f.value(dst); v != nil {
				p.Default = v.String()
			}
		}
		params = append(params, p)
	}
	return params
}

// Check says what is wrong with the tags of settings, a struct or a pointer to one:
// for the tests of catalogues.
func Check(settings any) error {
	t := addressable(settings).Type()
	fields, err := fieldsOf(t)
	if err != nil {
		return err
	}
	for i := range fields {
		if err := fields[i].check(); err != nil {
			return fmt.Errorf("recipe: argument %s of %v: %w", fields[i].name, t, err)
		}
	}
	if n := len(slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return !f.variadic })); n > 1 {
		return fmt.Errorf("recipe: %v has %d variadic arguments", t, n)
	}
	if slices.ContainsFunc(fields, func(f field) bool { return f.required }) {
		return nil
	}
	return checkDefaults(t)
}

func (f *field) check() error {
	base := f.typ
	if base.Kind() == reflect.Slice && base != recipeType {
		base = base.Elem()
	}
	numeric := base.Kind() == reflect.Float64 || base.Kind() == reflect.Int
	switch {
	case f.help == "":
		return fmt.Errorf("it has no help")
	case f.ranged && !numeric && !f.isSetting():
		return fmt.Errorf("a valid range is for numbers")
	case f.search != nil && !(base == f.typ && numeric || f.isSetting()):
		return fmt.Errorf("a search range is for a number")
	case f.search != nil && !(f.valid.Contains(f.search.Lo) && f.valid.Contains(f.search.Hi)):
		return fmt.Errorf("the search range %v leaves the valid range %v", f.search, f.valid)
	case f.choices != nil && base.Kind() != reflect.String:
		return fmt.Errorf("choices are for strings")
	case slices.Contains(f.choices, ""):
		return fmt.Errorf("a choice is empty")
	}
	for i, c := range f.choices {
		if slices.Contains(f.choices[:i], c) {
			return fmt.Errorf("choice %q is there twice", c)
		}
	}
	if f.required {
		return nil
	}
	if err := f.setDefault(reflect.New(f.typ).Elem()); err != nil {
		return fmt.Errorf("default: %w", err)
	}
	return nil
}

// checkDefaults demands that what the defaults print as binds to the defaults.
func checkDefaults(t reflect.Type) error {
	first, second := reflect.New(t).Interface(), reflect.New(t).Interface()
	if err := Bind("", Call{Name: "defaults"}, first); err != nil {
		return err
	}
	text := Format("defaults", first).String()
	r, err := Parse(text)
	if err == nil {
		err = Bind(text, r[0], second)
	}
	if err != nil {
		return fmt.Errorf("recipe: the defaults of %v do not read back: %w", t, err)
	}
	if again := Format("defaults", second).String(); again != text {
		return fmt.Errorf("recipe: the defaults of %v print as %s, and then as %s", t, text, again)
	}
	return nil
}
