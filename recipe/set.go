package recipe

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// A misfit says what a field must be instead of what was given.
type misfit struct {
	col  int
	must string
}

func (m *misfit) Error() string { return "must be " + m.must }

// explain makes an Error of what set returned.
func (f *field) explain(err error, call string, col int) error {
	var m *misfit
	var at *Error
	switch {
	case errors.As(err, &m):
		return Errorf(m.col, "%s of %s %v", f.name, call, err)
	case errors.As(err, &at):
		return locate(err, "", col)
	}
	return Errorf(col, "%s of %s: %v", f.name, call, err)
}

// set gives v, found at column col, to dst.
func (f *field) set(dst reflect.Value, v Value, col int) error {
	if s, ok := dst.Addr().Interface().(Setting); ok {
		return f.setSetting(s, v, col)
	}
	refuse := func(must string) error { return &misfit{col, must + ", found " + clip(v.String())} }
	switch kind := dst.Kind(); {
	case dst.Type() == recipeType:
		r, ok := v.(Recipe)
		if !ok {
			return refuse("a recipe such as name(x=1)")
		}
		dst.Set(reflect.ValueOf(r))
	case kind == reflect.Bool:
		b, ok := v.(Bool)
		if !ok {
			return refuse("true or false")
		}
		dst.SetBool(bool(b))
	case kind == reflect.String:
		s, ok := AsWord(v)
		if !ok && f.choices == nil {
			return refuse(`a string such as "text"`)
		}
		if f.choices != nil && !slices.Contains(f.choices, s) {
			one := "one of " + strings.Join(f.choices, ", ")
			return &misfit{col, one + ", found " + clip(v.String()) + didYouMean(Nearest(s, f.choices))}
		}
		dst.SetString(s)
	case kind == reflect.Slice:
		list, ok := v.(List)
		if !ok {
			return refuse("a list such as [...]")
		}
		return f.setList(dst, list)
	default:
		x, ok := v.(Number)
		switch {
		case isNaN(v):
			return notANumber(col)
		case !ok:
			return refuse("a number")
		case kind == reflect.Int && tooLarge(float64(x)):
			return &misfit{col, fmt.Sprintf("a whole number of less than 2^53 = %d in size; %.3g is too large", maxWhole, float64(x))}
		case kind == reflect.Int && !isWhole(float64(x)):
			return refuse("a whole number")
		case !f.valid.Contains(float64(x)):
			return refuse("in " + f.valid.String())
		case kind == reflect.Int:
			dst.SetInt(int64(x))
		default:
			dst.SetFloat(float64(x))
		}
	}
	return nil
}

func (f *field) setSetting(s Setting, v Value, col int) error {
	if x, ok := v.(Number); ok && !f.valid.Contains(float64(x)) {
		return &misfit{col, fmt.Sprintf("in %v, found %v", f.valid, x)}
	}
	b, numeric := s.(Bounded)
	if numeric && isNaN(v) {
		return notANumber(col)
	}
	if err := s.SetRecipe(v); err != nil {
		return err
	}
	if numeric && f.ranged {
		return b.Within(f.valid)
	}
	return nil
}

func (f *field) setList(dst reflect.Value, list List) error {
	slice := reflect.MakeSlice(dst.Type(), len(list), len(list))
	for i, a := range list {
		if err := f.set(slice.Index(i), a.Value, a.ValueCol); err != nil {
			return err
		}
	}
	dst.Set(slice)
	return nil
}

// setDefault sets dst from the field's default tag.
func (f *field) setDefault(dst reflect.Value) error {
	if !f.isSetting() {
		switch {
		case dst.Kind() == reflect.String:
			return f.set(dst, String(f.def), 0)
		case dst.Kind() == reflect.Slice && f.def == "":
			dst.SetZero()
			return nil
		}
	}
	v, err := parseValue(f.def)
	if err != nil {
		return err
	}
	return f.set(dst, withoutCols(v), 0)
}

// withoutCols is v without the places it was found at, which mean nothing in the
// source of another recipe.
func withoutCols(v Value) Value {
	switch v := v.(type) {
	case List:
		return List(argsWithoutCols(v))
	case Recipe:
		r := slices.Clone(v)
		for i := range r {
			r[i] = Call{Name: r[i].Name, Args: argsWithoutCols(r[i].Args)}
		}
		return r
	}
	return v
}

func argsWithoutCols(args []Arg) []Arg {
	var bare []Arg
	for _, a := range args {
		bare = append(bare, Arg{Name: a.Name, Value: withoutCols(a.Value)})
	}
	return bare
}

// maxWhole is beyond the whole numbers that each stand for themselves alone in
// float64: 2^53+1 reads as 2^53.
const maxWhole = 1 << 53

func isWhole(x float64) bool { return x == math.Trunc(x) && math.Abs(x) < maxWhole }

func tooLarge(x float64) bool { return math.Abs(x) >= maxWhole && !math.IsInf(x, 0) }

// isNaN reports whether v is the word nan, in any case: there is no such number in
// a recipe, yet as a word it would be taken for a name.
func isNaN(v Value) bool {
	s, ok := AsWord(v)
	return ok && strings.EqualFold(s, "nan")
}

func notANumber(col int) error { return &misfit{col, "a number; NaN is not one"} }
