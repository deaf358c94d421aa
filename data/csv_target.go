package data

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// A coding says what targets are: classes, in order, or numbers.
type coding struct {
	classes []string // nil for numbers
	numeric bool     // whether classes are numbers, and compared by value
}

// coding decides about the targets of a table.
func (c CSV) coding(t *table) (coding, error) {
	numeric, whole := true, true
	for _, text := range t.texts {
		y, err := finite(text)
		numeric = numeric && err == nil
		whole = whole && y == float64(int64(y))
	}
	classes := c.Kind == "classes"
	if c.Kind == "auto" {
		classes = !numeric || whole && len(t.texts) <= mostAutoClasses && len(t.targets) >= leastAutoExamples*len(t.texts)
	}
	if !classes {
		return coding{}, nil
	}
	code := coding{classes: slices.Clone(t.texts), numeric: numeric}
	slices.SortFunc(code.classes, code.compare)
	code.classes = slices.CompactFunc(code.classes, func(a, b string) bool { return code.compare(a, b) == 0 })
	if len(code.classes) < 2 {
		return coding{}, fmt.Errorf("the target, %s, is %s in all rows; there must be two classes at least", t.column, clip(code.classes[0]))
	}
	return code, nil
}

func (c coding) compare(a, b string) int {
	if c.numeric {
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		if errX == nil && errY == nil {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(a, b)
}

// sample turns targets into classes or numbers.
func (t *table) sample(code coding) (*Sample[float64], error) {
	s := &Sample[float64]{N: len(t.targets), X: t.x}
	labels, numbers := make([]int, len(t.texts)), make([]float64, len(t.texts))
	for i, text := range t.texts {
		var err error
		if code.classes == nil {
			if numbers[i], err = finite(text); err != nil {
				err = fmt.Errorf("%w; choose kind=classes, or change the field", err)
			}
		} else {
			var ok bool
			if labels[i], ok = slices.BinarySearchFunc(code.classes, text, code.compare); !ok {
				err = fmt.Errorf("the class %q does not occur in training", clip(text))
			}
		}
		if err != nil {
			return nil, fmt.Errorf("line %d, %s: %w", t.lines[i], t.column, err)
		}
	}
	for _, k := range t.targets {
		if code.classes == nil {
			s.Y = append(s.Y, numbers[k])
		} else {
			s.Labels = append(s.Labels, labels[k])
		}
	}
	return s, nil
}
