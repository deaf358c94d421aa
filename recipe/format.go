package recipe

import (
	"math"
	"reflect"
)

// Format writes every argument of settings, a struct or a pointer to one, in order
// of declaration: the canonical form of the call, whatever was left to defaults
// when it was bound. Only a Recipe that is empty is left out.
func Format(name string, settings any) Call {
	s := addressable(settings)
	if b, ok := s.Addr().Interface().(Binder); ok {
		return b.Call(name)
	}
	fields, err := fieldsOf(s.Type())
	if err != nil {
		panic(err.Error())
	}
	c := Call{Name: name}
	for _, f := range fields {
		v := f.value(s.FieldByIndex(f.index))
		switch list, _ := v.(List); {
		case v == nil:
		case f.variadic && len(list) > 0:
			c.Args = append(c.Args, list...)
		default:
			c.Args = append(c.Args, Arg{Name: f.name, Value: v})
		}
	}
	return c
}

// addressable is the struct that settings is or points to, a copy in the first
// case.
func addressable(settings any) reflect.Value {
	v := reflect.ValueOf(settings)
	if v.Kind() == reflect.Pointer {
		return v.Elem()
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

// value is the inverse of set; nil for an empty Recipe.
func (f *field) value(src reflect.Value) Value {
	if s, ok := src.Addr().Interface().(Setting); ok {
		return s.Recipe()
	}
	switch src.Kind() {
	case reflect.Bool:
		return Bool(src.Bool())
	case reflect.Int:
		return Number(src.Int())
	case reflect.Float64:
		if math.IsNaN(src.Float()) {
			panic("recipe: NaN has no text form")
		}
		return Number(src.Float())
	case reflect.String:
		if f.choices != nil && isName(src.String()) {
			return Word(src.String())
		}
		return String(src.String())
	}
	if src.Type() == recipeType {
		if src.Len() == 0 {
			return nil
		}
		return withoutCols(src.Interface().(Recipe))
	}
	list := List{}
	for i := range src.Len() {
		list = append(list, Arg{Value: f.value(src.Index(i))})
	}
	return list
}
