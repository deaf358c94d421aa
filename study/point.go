package study

import (
	"errors"
	"fmt"
	"math"
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

// ParsePoints reads points separated by commas; none may come twice.
func ParsePoints(s string) ([]Point, error) {
	var points []Point
	seen := map[Point]bool{}
	for part := range strings.SplitSeq(s, ",") {
		p, err := ParsePoint(part)
		if err != nil {
			return nil, err
		}
		if seen[p] {
			return nil, fmt.Errorf("point %q is given twice", p)
		}
		seen[p] = true
		points = append(points, p)
	}
	return points, nil
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
