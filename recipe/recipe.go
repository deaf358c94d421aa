// Package recipe is the text form in which tasks, models, optimizers and probes
// are written everywhere: on the command line, in study files, in stored records.
//
//	clip_norm(1) | adamw(lr=1e-3, weight_decay=0.1)
//	sam(rho=0.05, base=sgd(lr=0.1))
//	mlp(256, 256, act=tanh)
//
// The grammar is
//
//	recipe = call {"|" call}
//	call   = name ["(" [arg {"," arg}] ")"]
//	arg    = [name "="] value
//	value  = number | string | "true" | "false" | "[" [value {"," value}] "]" | recipe
//
// with names of ASCII letters, digits, "_" and "-", the last read as "_"; decimal
// numbers, "inf" among them; and strings in double quotes with the escapes of Go.
// A bare word is a recipe of one call without arguments.
//
// Parse reads the text, Recipe.String prints it in canonical form, and Bind gives
// the arguments of a call to the tagged fields of a plain struct. Format is the
// inverse of Bind, with every argument written out.
package recipe

// A Recipe is a chain of calls; most have one.
type Recipe []Call

// A Call is a name with arguments. Col is where it starts in Source, the text it
// was parsed from, counted in runes from 1; both are for errors alone and zero in
// calls made by hand.
type Call struct {
	Name   string
	Args   []Arg
	Col    int
	Source string
}

// An Arg is one argument, positional if Name is empty. Col is where it starts in
// the source, ValueCol where its value starts.
type Arg struct {
	Name          string
	Value         Value
	Col, ValueCol int
}

// A Value is a Number, String, Bool, List or Recipe. String gives its canonical
// text.
type Value interface {
	String() string
	append(b []byte) []byte
}

type (
	// A Number is any number but NaN.
	Number float64
	// A String was written in quotes, unlike a bare word.
	String string
	// A Bool is true or false.
	Bool bool
	// A List holds its elements as unnamed arguments.
	List []Arg
)

// Word is the value that a bare word stands for.
func Word(name string) Recipe { return Recipe{{Name: name}} }

// AsWord gives the text of v where it is a bare word or a quoted string.
func AsWord(v Value) (string, bool) {
	switch v := v.(type) {
	case String:
		return string(v), true
	case Recipe:
		if len(v) == 1 && len(v[0].Args) == 0 {
			return v[0].Name, true
		}
	}
	return "", false
}
