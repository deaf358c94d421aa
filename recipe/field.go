package recipe

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A field is one argument as a struct field and its tags declare it.
type field struct {
	name     string
	variadic bool
	index    []int
	typ      reflect.Type
	def      string
	required bool
	ranged   bool     // valid was declared
	valid    Interval // finite where it was not
	search   *Search
	choices  []string
	help     string
}

var (
	recipeType  = reflect.TypeFor[Recipe]()
	settingType = reflect.TypeFor[Setting]()
)

// fieldsOf reads the tags of a struct type, those of embedded structs included.
func fieldsOf(t reflect.Type) ([]field, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("recipe: settings must be a struct, not %v", t)
	}
	var fields []field
	for _, sf := range reflect.VisibleFields(t) {
		tag, ok := sf.Tag.Lookup("arg")
		if !ok {
			continue
		}
		f, err := readTags(sf, tag)
		if err == nil && slices.ContainsFunc(fields, func(g field) bool { return g.name == f.name }) {
			err = fmt.Errorf("another field is called %q too", f.name)
		}
		if err != nil {
			return nil, fmt.Errorf("recipe: field %s of %v: %w", sf.Name, t, err)
		}
		fields = append(fields, f)
	}
	return fields, nil
}

func readTags(sf reflect.StructField, arg string) (field, error) {
	f := field{index: sf.Index, typ: sf.Type, valid: finite, help: sf.Tag.Get("help")}
	name, option, _ := strings.Cut(arg, ",")
	f.name, f.variadic = name, option == "variadic"
	var declared bool
	f.def, declared = sf.Tag.Lookup("default")
	f.required = !declared
	switch {
	case !isName(name):
		return f, fmt.Errorf("%q cannot be the name of an argument", name)
	case option != "" && !f.variadic:
		return f, fmt.Errorf("unknown option %q", option)
	case !sf.IsExported():
		return f, fmt.Errorf("it is not exported")
	case !f.isSetting() && !bindable(f.typ):
		return f, fmt.Errorf("no argument can have type %v", f.typ)
	case f.variadic && (f.isSetting() || f.typ.Kind() != reflect.Slice || f.typ == recipeType):
		return f, fmt.Errorf("only a list can be variadic, not %v", f.typ)
	}
	var err error
	if s, ok := sf.Tag.Lookup("valid"); ok {
		if f.valid, err = ParseInterval(s); err != nil {
			return f, err
		}
		f.ranged = true
	}
	if s, ok := sf.Tag.Lookup("search"); ok {
		r, err := ParseSearch(s)
		if err != nil {
			return f, err
		}
		f.search = &r
	}
	if s, ok := sf.Tag.Lookup("choices"); ok {
		f.choices = strings.Split(s, "|")
	}
	return f, nil
}

func (f *field) isSetting() bool { return reflect.PointerTo(f.typ).Implements(settingType) }

// bindable reports whether a value can be given to a field of type t as it is.
func bindable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Float64, reflect.Int, reflect.Bool, reflect.String:
		return true
	case reflect.Slice:
		return t == recipeType || t.Elem().Kind() != reflect.Slice && bindable(t.Elem()) || t.Elem() == recipeType
	}
	return false
}

// isName reports whether s reads as a name and prints as s.
func isName(s string) bool {
	scan := scanner{src: s, col: 1}
	t, err := scan.next()
	return err == nil && t.kind == nameToken && t.text == s && scan.off == len(s) && !isBool(s)
}

// kind names the kind of value that the field takes.
func (f *field) kind() string {
	if len(f.choices) > 0 {
		return "choice"
	}
	return kindOf(f.typ)
}

func kindOf(t reflect.Type) string {
	switch {
	case t == recipeType:
		return "recipe"
	case reflect.PointerTo(t).Implements(settingType):
		return strings.ToLower(t.Name())
	}
	switch t.Kind() {
	case reflect.Float64:
		return "number"
	case reflect.Int:
		return "integer"
	case reflect.Bool:
		return "bool"
	case reflect.String:
		return "string"
	}
	return "list of " + kindOf(t.Elem()) + "s"
}
