package recipe

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// An Error says what is wrong with a recipe and where. Col counts runes from 1; it
// is 0, and Source may be empty, where the place is not known.
type Error struct {
	Source string
	Col    int
	Msg    string
}

// Errorf makes an Error without a source, for SetRecipe and BindCall to return;
// Bind adds the source.
func Errorf(col int, format string, args ...any) *Error {
	return &Error{Col: col, Msg: fmt.Sprintf(format, args...)}
}

// Error is one line, with the source shortened around the column.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("recipe")
	if e.Source != "" {
		fmt.Fprintf(&b, " `%s`", excerpt(e.Source, e.Col))
	}
	if e.Col > 0 {
		fmt.Fprintf(&b, " column %d", e.Col)
	}
	b.WriteString(": " + e.Msg)
	return b.String()
}

// locate completes err with source and column where it lacks them.
func locate(err error, source string, col int) error {
	var e *Error
	if !errors.As(err, &e) {
		return &Error{source, col, err.Error()}
	}
	at := *e
	if at.Source == "" {
		at.Source = source
	}
	if at.Col == 0 {
		at.Col = col
	}
	return &at
}

// excerpt gives the part of s around a column on one line.
func excerpt(s string, col int) string {
	const before, after = 60, 40
	r := []rune(s)
	for i, c := range r {
		if !unicode.IsPrint(c) {
			r[i] = ' '
		}
	}
	lo, hi := max(0, col-1-before), min(len(r), max(0, col-1)+after)
	cut := string(r[lo:hi])
	if lo > 0 {
		cut = "..." + cut
	}
	if hi < len(r) {
		cut += "..."
	}
	return cut
}

// clip shortens what a message quotes.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}
