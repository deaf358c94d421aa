package recipe

import (
	"bytes"
	"math"
	"strconv"
)

// String is the canonical text. It parses to an equal recipe, columns aside.
func (r Recipe) String() string { return string(r.append(nil)) }

// String is the canonical text of a recipe of this one call.
func (c Call) String() string { return string(c.append(nil)) }

func (v Number) String() string { return string(v.append(nil)) }
func (v String) String() string { return string(v.append(nil)) }
func (v Bool) String() string   { return string(v.append(nil)) }
func (v List) String() string   { return string(v.append(nil)) }

func (r Recipe) append(b []byte) []byte {
	for i, c := range r {
		if i > 0 {
			b = append(b, " | "...)
		}
		b = c.append(b)
	}
	return b
}

func (c Call) append(b []byte) []byte {
	b = append(b, c.Name...)
	if len(c.Args) == 0 {
		return b
	}
	return append(appendArgs(append(b, '('), c.Args), ')')
}

func (v List) append(b []byte) []byte { return append(appendArgs(append(b, '['), v), ']') }

func appendArgs(b []byte, args []Arg) []byte {
	for i, a := range args {
		if i > 0 {
			b = append(b, ", "...)
		}
		if a.Name != "" {
			b = append(append(b, a.Name...), '=')
		}
		b = a.Value.append(b)
	}
	return b
}

func (v String) append(b []byte) []byte { return strconv.AppendQuote(b, string(v)) }
func (v Bool) append(b []byte) []byte   { return strconv.AppendBool(b, bool(v)) }

// append writes the fewest digits that read back as the same number: plainly where
// that is a whole number below 10^7 or no longer than with an exponent.
func (v Number) append(b []byte) []byte {
	x := float64(v)
	switch {
	case math.IsInf(x, 1):
		return append(b, "inf"...)
	case math.IsInf(x, -1):
		return append(b, "-inf"...)
	}
	if x == math.Trunc(x) && math.Abs(x) < 1e7 {
		return strconv.AppendFloat(b, x, 'f', -1, 64)
	}
	short := strconv.AppendFloat(nil, x, 'e', -1, 64)
	short = bytes.Replace(short, []byte("e+"), []byte("e"), 1)
	short = bytes.Replace(short, []byte("e0"), []byte("e"), 1)
	short = bytes.Replace(short, []byte("e-0"), []byte("e-"), 1)
	if plain := strconv.AppendFloat(nil, x, 'f', -1, 64); len(plain) <= len(short) {
		short = plain
	}
	return append(b, short...)
}
