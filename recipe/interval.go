package recipe

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// An Interval is the range of a number, written as in mathematics: (0,inf), [0,1),
// [1,inf]. It contains inf only where it is closed there, and never NaN.
type Interval struct {
	Lo, Hi         float64
	LoOpen, HiOpen bool
}

// finite is the range of an argument for which none is declared.
var finite = Interval{math.Inf(-1), math.Inf(1), true, true}

// ParseInterval is the inverse of Interval.String.
func ParseInterval(s string) (Interval, error) {
	bad := fmt.Errorf("%q is not a range such as [0,1) or (0,inf)", s)
	if len(s) < 2 || strings.IndexByte("[(", s[0]) < 0 || strings.IndexByte("])", s[len(s)-1]) < 0 {
		return Interval{}, bad
	}
	lo, hi, ok := strings.Cut(s[1:len(s)-1], ",")
	if !ok {
		return Interval{}, bad
	}
	i := Interval{LoOpen: s[0] == '(', HiOpen: s[len(s)-1] == ')'}
	var errLo, errHi error
	i.Lo, errLo = strconv.ParseFloat(strings.TrimSpace(lo), 64)
	i.Hi, errHi = strconv.ParseFloat(strings.TrimSpace(hi), 64)
	if errLo != nil || errHi != nil || !(i.Lo <= i.Hi) {
		return Interval{}, bad
	}
	return i, nil
}

// Contains reports whether x lies in i.
func (i Interval) Contains(x float64) bool {
	return (x > i.Lo || x == i.Lo && !i.LoOpen) && (x < i.Hi || x == i.Hi && !i.HiOpen)
}

func (i Interval) String() string {
	open, closing := "[", "]"
	if i.LoOpen {
		open = "("
	}
	if i.HiOpen {
		closing = ")"
	}
	return open + Number(i.Lo).String() + "," + Number(i.Hi).String() + closing
}

// MarshalText is String.
func (i Interval) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// A Search is the range over which an argument is tuned, on a logarithmic scale if
// Log; written 1e-5..1 log.
type Search struct {
	Lo, Hi float64
	Log    bool
}

// ParseSearch is the inverse of Search.String.
func ParseSearch(s string) (Search, error) {
	bad := fmt.Errorf("%q is not a search range such as 0..1 or 1e-5..1 log", s)
	ends, log := strings.CutSuffix(s, " log")
	lo, hi, ok := strings.Cut(ends, "..")
	if !ok {
		return Search{}, bad
	}
	r := Search{Log: log}
	var errLo, errHi error
	r.Lo, errLo = strconv.ParseFloat(lo, 64)
	r.Hi, errHi = strconv.ParseFloat(hi, 64)
	if errLo != nil || errHi != nil || !(r.Lo < r.Hi) || math.IsInf(r.Hi-r.Lo, 0) || log && r.Lo <= 0 {
		return Search{}, bad
	}
	return r, nil
}

func (r Search) String() string {
	s := Number(r.Lo).String() + ".." + Number(r.Hi).String()
	if r.Log {
		s += " log"
	}
	return s
}

// MarshalText is String.
func (r Search) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
