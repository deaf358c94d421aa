package study

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"basin/recipe"
)

// A PointKind says by what a point along training is found.
type PointKind string

const (
	TrainLoss PointKind = "train_loss" // the matching loss falls to Value
	Steps     PointKind = "steps"      // Value optimizer steps were made
	Epochs    PointKind = "epochs"     // the training set was gone through Value times
	Grads     PointKind = "grads"      // Value gradient-equivalents were spent
	PhaseEnd  PointKind = "phase"      // phase Value of a stream is over
	End       PointKind = "end"        // the budget is spent, or the run diverged
)

// A Point is where along training a solution is taken.
type Point struct {
	Kind  PointKind `json:"kind"`
	Value float64   `json:"value,omitempty"`
}

func (p Point) String() string {
	if p.Kind == End {
		return string(End)
	}
	return string(p.Kind) + "=" + strconv.FormatFloat(p.Value, 'g', -1, 64)
}

// ParsePoint reads "train_loss=0.1", "steps=2000", "epochs=5", "grads=1e4", "phase=3" or
// "end".
func ParsePoint(s string) (Point, error) {
	s = strings.TrimSpace(s)
	if kind, _, valued := strings.Cut(s, "="); kind == string(End) {
		if valued {
			return Point{}, fmt.Errorf("point %q: end takes no value", s)
		}
		return Point{Kind: End}, nil
	}
	kind, value, err := kindAndValue("point", s, TrainLoss, Steps, Epochs, Grads, PhaseEnd)
	if err != nil {
		return Point{}, err
	}
	return Point{kind, value}, nil
}

// ParsePoints reads points and series separated by commas; none may come twice. The last of
// a series is one of the points, too.
func ParsePoints(s string) (points []Point, series []Series, err error) {
	seen := map[string]bool{}
	for part := range strings.SplitSeq(s, ",") {
		var p Point
		name := ""
		if strings.Contains(part, ":") {
			along, err := parseSeries(strings.TrimSpace(part))
			if err != nil {
				return nil, nil, err
			}
			all := along.Points()
			series, p, name = append(series, along), all[len(all)-1], along.String()
		} else {
			if p, err = ParsePoint(part); err != nil {
				return nil, nil, err
			}
			name = p.String()
		}
		if seen[name] {
			return nil, nil, fmt.Errorf("point %q is given twice", name)
		}
		seen[name] = true
		if !slices.Contains(points, p) {
			points = append(points, p)
		}
	}
	return points, series, nil
}

// A Series is points at equal distances, at which training is watched: From, From + Every,
// and so on, as far as To.
type Series struct {
	Kind  PointKind `json:"kind"` // steps, epochs or grads
	From  float64   `json:"from"`
	To    float64   `json:"to"`
	Every float64   `json:"every"`
}

func (s Series) String() string {
	text := string(s.Kind) + "="
	for i, v := range []float64{s.From, s.To, s.Every} {
		if i > 0 {
			text += ":"
		}
		text += strconv.FormatFloat(v, 'g', -1, 64)
	}
	return text
}

// len is the number of points, of which the first is always one.
func (s Series) len() float64 { return 1 + math.Floor((s.To-s.From)/s.Every*(1+1e-12)) }

// Points are those of the series, in order.
func (s Series) Points() []Point {
	var list []Point
	for i := range int(s.len()) {
		// Rounded, so that multiples of 0.1 are what they are called.
		v, _ := strconv.ParseFloat(strconv.FormatFloat(s.From+float64(i)*s.Every, 'g', 12, 64), 64)
		list = append(list, Point{s.Kind, v})
	}
	return list
}

// mostPoints bounds a series, since each of its points keeps a solution.
const mostPoints = 1000

// parseSeries reads KIND=FROM:TO:EVERY.
func parseSeries(text string) (Series, error) {
	wrong := func(format string, args ...any) (Series, error) {
		return Series{}, fmt.Errorf("points %q: "+format, append([]any{text}, args...)...)
	}
	name, rest, _ := strings.Cut(text, "=")
	fields := strings.Split(rest, ":")
	if len(fields) != 3 {
		return wrong("a series is written KIND=FROM:TO:EVERY, such as steps=0:2000:100")
	}
	var v [3]float64
	var kind PointKind
	for i, field := range fields {
		var err error
		if kind, v[i], err = kindAndValue("point", name+"="+field, TrainLoss, Steps, Epochs, Grads, PhaseEnd); err != nil {
			return Series{}, err
		}
	}
	s := Series{kind, v[0], v[1], v[2]}
	switch {
	case !counts(kind):
		return wrong("a series is of steps, epochs or grads")
	case s.To < s.From:
		return wrong("it ends before it begins")
	case s.Every == 0 || s.len() > mostPoints:
		return wrong("it has more than %d points", mostPoints)
	}
	return s, nil
}

// A Budget is when a run ends: at Value of Kind, one of steps, epochs, grads, phase.
type Budget struct {
	Kind  PointKind `json:"kind"`
	Value float64   `json:"value"`
}

func (b Budget) String() string { return Point(b).String() }

// ParseBudget reads "steps=2000", "epochs=10", "grads=5000" or "phase=3".
func ParseBudget(s string) (Budget, error) {
	kind, value, err := kindAndValue("budget", strings.TrimSpace(s), Steps, Epochs, Grads, PhaseEnd)
	return Budget{kind, value}, err
}

// most is the largest value of a point or a budget.
const most = 1e9

// counts tells whether points of a kind are counted from the start of training, which is 0.
func counts(kind PointKind) bool { return kind == Steps || kind == Epochs || kind == Grads }

// kindAndValue reads one KIND=VALUE, VALUE positive, or a point's 0 where it counts; whole where KIND counts steps or phases.
func kindAndValue(what, s string, kinds ...PointKind) (PointKind, float64, error) {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	name, text, ok := strings.Cut(s, "=")
	kind := PointKind(strings.ReplaceAll(strings.TrimSpace(name), "-", "_"))
	known := false
	for _, k := range kinds {
		known = known || k == kind
	}
	if !known {
		if what == "point" {
			names = append(names, string(End))
		}
		return "", 0, errors.New(recipe.Unknown(what, string(kind), names))
	}
	if !ok {
		return "", 0, fmt.Errorf("%s %q lacks its value: write %s=VALUE", what, s, kind)
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	switch {
	case errors.Is(err, strconv.ErrRange) && value > 0 || value > most:
		return "", 0, fmt.Errorf("%s %q: the value is larger than %g, the most there can be", what, s, float64(most))
	case err == nil && value == 0 && what == "point" && counts(kind):
	case err != nil || math.IsNaN(value) || value <= 0:
		return "", 0, fmt.Errorf("%s %q: %q is not a positive number", what, s, strings.TrimSpace(text))
	}
	if (kind == Steps || kind == PhaseEnd) && value != math.Trunc(value) {
		return "", 0, fmt.Errorf("%s %q: steps and phases are whole", what, s)
	}
	return kind, math.Abs(value), nil // there is a zero below zero
}
