package optim

import (
	"slices"

	"basin/problem"
	"basin/recipe"
)

// An entry is a line of the catalogue.
type entry struct {
	Doc
	kind     kind
	settings func() any // a new struct of settings, by pointer
	f32      func(settings any, c *Context[float32]) (part[float32], error)
	f64      func(settings any, c *Context[float64]) (part[float64], error)
}

// A kind says where in a recipe a name may stand.
type kind uint8

const (
	isRule      kind = iota // makes a change of a gradient
	isSource                // makes a change of gradients that it, or its base, asks for elsewhere
	isTransform             // makes a gradient of a gradient, or a change of a change
	isBefore                // makes a gradient of a gradient, before the rule
	isAfter                 // makes a change of a change, after the rule
)

// A checker is a struct of settings with rules beyond the range of each.
type checker interface{ check() error }

func rule[S any](d Doc, f32 func(*S, *Context[float32]) (part[float32], error), f64 func(*S, *Context[float64]) (part[float64], error)) entry {
	return entry{
		Doc: d, settings: func() any { return new(S) },
		f32: planned(f32), f64: planned(f64),
	}
}

func source[S any](d Doc, f32 func(*S, *Context[float32]) (part[float32], error), f64 func(*S, *Context[float64]) (part[float64], error)) entry {
	e := rule(d, f32, f64)
	e.kind = isSource
	return e
}

func transform[S any](d Doc, f32 func(*S, *Context[float32]) (part[float32], error), f64 func(*S, *Context[float64]) (part[float64], error)) entry {
	e := rule(d, f32, f64)
	e.kind = isTransform
	return e
}

func before[S any](d Doc, f32 func(*S, *Context[float32]) (part[float32], error), f64 func(*S, *Context[float64]) (part[float64], error)) entry {
	e := rule(d, f32, f64)
	e.kind = isBefore
	return e
}

func after[S any](d Doc, f32 func(*S, *Context[float32]) (part[float32], error), f64 func(*S, *Context[float64]) (part[float64], error)) entry {
	e := rule(d, f32, f64)
	e.kind = isAfter
	return e
}

// planned calls a constructor with its own copy of the settings, their schedules
// laid out over the run.
func planned[S any, T problem.Float](construct func(*S, *Context[T]) (part[T], error)) func(any, *Context[T]) (part[T], error) {
	return func(settings any, c *Context[T]) (part[T], error) {
		s := *settings.(*S)
		if err := plan(&s, c.Horizon); err != nil {
			return nil, err
		}
		return construct(&s, c)
	}
}

// lookup finds a name or alias in the catalogue.
func lookup(name string) (entry, bool) {
	for _, e := range catalog {
		if e.Name == name || slices.Contains(e.Aliases, name) {
			return e, true
		}
	}
	return entry{}, false
}

// bind gives the call of a rule its settings.
func bind(c recipe.Call) (link, error) {
	e, ok := lookup(c.Name)
	if !ok {
		var known []string
		for _, e := range catalog {
			known = append(append(known, e.Name), e.Aliases...)
		}
		return link{}, errorAt(c, "%s", recipe.Unknown("optimizer", c.Name, known))
	}
	settings := e.settings()
	if err := recipe.Bind(c.Source, c, settings); err != nil {
		return link{}, err
	}
	if s, ok := settings.(checker); ok {
		if err := s.check(); err != nil {
			return link{}, errorAt(c, "%s: %v", e.Name, err)
		}
	}
	for _, o := range inner(settings) {
		if o.isSource() {
			e.kind = isSource
		}
	}
	return link{e, settings}, nil
}

// errorAt is an error in the source of a call.
func errorAt(c recipe.Call, format string, args ...any) error {
	err := recipe.Errorf(c.Col, format, args...)
	err.Source = c.Source
	return err
}
