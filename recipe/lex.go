package recipe

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	endToken tokenKind = iota
	nameToken
	numberToken
	stringToken
	markToken // one of ( ) [ ] , = |
)

type token struct {
	kind tokenKind
	text string // as in the source; a name with "-" read as "_"
	num  float64
	str  string
	col  int
}

// String is the token as an error shows it.
func (t token) String() string {
	switch t.kind {
	case endToken:
		return "the end"
	case stringToken:
		return strconv.Quote(clip(t.str))
	}
	return strconv.Quote(clip(t.text))
}

// A scanner splits a source into tokens. It is copied to look ahead.
type scanner struct {
	src string
	off int // bytes
	col int // runes, from 1
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// at is the byte i after the next one, 0 beyond the end.
func (s *scanner) at(i int) byte {
	if s.off+i < len(s.src) {
		return s.src[s.off+i]
	}
	return 0
}

// take moves past n bytes and returns them.
func (s *scanner) take(n int) string {
	text := s.src[s.off : s.off+n]
	s.off += n
	s.col += utf8.RuneCountInString(text)
	return text
}

func (s *scanner) next() (token, *Error) {
	for c := s.at(0); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = s.at(0) {
		s.take(1)
	}
	t := token{col: s.col}
	if s.off == len(s.src) {
		return t, nil
	}
	c := s.at(0)
	switch {
	case strings.IndexByte("()[],=|", c) >= 0:
		t.kind, t.text = markToken, s.take(1)
		return t, nil
	case c == '"':
		return s.quoted(t)
	case isDigit(c), c == '.', c == '+', c == '-':
		return s.number(t)
	case isLetter(c):
		return s.name(t), nil
	}
	r, n := utf8.DecodeRuneInString(s.src[s.off:])
	if r == utf8.RuneError && n == 1 {
		return t, Errorf(t.col, "the text is not UTF-8")
	}
	return t, Errorf(t.col, "unexpected character %q", r)
}

func (s *scanner) name(t token) token {
	n := 1
	for c := s.at(n); isLetter(c) || isDigit(c) || c == '-'; c = s.at(n) {
		n++
	}
	t.kind, t.text = nameToken, strings.ReplaceAll(s.take(n), "-", "_")
	if t.text == "inf" {
		t.kind, t.num = numberToken, math.Inf(1)
	}
	return t
}

func (s *scanner) quoted(t token) (token, *Error) {
	text, err := strconv.QuotedPrefix(s.src[s.off:])
	if err == nil {
		t.str, err = strconv.Unquote(text)
	}
	if err != nil {
		return t, Errorf(t.col, "a string without a closing quote, or with an unknown escape")
	}
	if !utf8.ValidString(text) {
		return t, Errorf(t.col, `the string is not UTF-8; write other bytes as \xNN`)
	}
	t.kind, t.text = stringToken, s.take(len(text))
	return t, nil
}

// number reads [sign] (digits ["." digits] | "." digits) [("e"|"E") [sign] digits],
// or a signed inf.
func (s *scanner) number(t token) (token, *Error) {
	n := 0
	digits := func() (count int) {
		for ; isDigit(s.at(n)); n++ {
			count++
		}
		return count
	}
	if c := s.at(0); c == '+' || c == '-' {
		n++
	}
	wellFormed := true
	if strings.HasPrefix(s.src[s.off+n:], "inf") {
		n += len("inf")
	} else {
		mantissa := digits()
		if s.at(n) == '.' {
			n++
			mantissa += digits()
		}
		wellFormed = mantissa > 0
		if c := s.at(n); wellFormed && (c == 'e' || c == 'E') {
			n++
			if c := s.at(n); c == '+' || c == '-' {
				n++
			}
			wellFormed = digits() > 0
		}
	}
	for c := s.at(n); isLetter(c) || isDigit(c) || c == '.'; c = s.at(n) {
		wellFormed = false
		n++
	}
	t.kind, t.text = numberToken, s.take(n)
	if !wellFormed {
		return t, Errorf(t.col, "%q is not a number", clip(t.text))
	}
	num, err := strconv.ParseFloat(t.text, 64)
	if err != nil {
		return t, Errorf(t.col, "%s is too large a number", clip(t.text))
	}
	t.num = num
	return t, nil
}
