package optim

import (
	"errors"
	"fmt"

	"basin/problem"
	"basin/recipe"
)

// An Optimizer is a recipe that has been found to make sense: every name is known,
// every argument in its range, and each link stands where it can. It is never
// changed and serves any number of runs.
type Optimizer struct{ links []link }

// A link is a call of the catalogue with its settings.
type link struct {
	entry
	settings any
}

// Resolve looks the links of a recipe up and binds their arguments. Among the links
// there is exactly one rule, which turns a gradient into a change to x; those
// before it transform the gradient, those after it the change.
func Resolve(r recipe.Recipe) (*Optimizer, error) {
	if len(r) == 0 {
		return nil, errors.New("no optimizer given; name one, such as sgd(lr=0.1)")
	}
	o := &Optimizer{}
	rules := 0
	for i, c := range r {
		l, err := bind(c)
		if err != nil {
			return nil, err
		}
		switch {
		case l.kind == isTransform:
		case rules > 0:
			return nil, errorAt(c, "%s would take the change made by the rule before it for a gradient; a chain has one rule", l.Name)
		case l.kind == isSource && i > 0:
			return nil, errorAt(c, "%s asks for a gradient itself, so nothing can go before it; put %s into its argument base", l.Name, r[0].Name)
		}
		if l.kind != isTransform {
			rules++
		}
		o.links = append(o.links, l)
	}
	if rules == 0 {
		return nil, errorAt(r[0], "%s transforms a gradient but makes no step of it; add a rule, as in %s | sgd(lr=0.1)", o.links[0].Name, r[0].Name)
	}
	return o, nil
}

// call is the recipe with every argument written out.
func (o *Optimizer) call() recipe.Recipe {
	var r recipe.Recipe
	for _, l := range o.links {
		r = append(r, recipe.Format(l.Name, l.settings))
	}
	return r
}

// Recipe is the canonical text: aliases resolved, every argument written out.
func (o *Optimizer) Recipe() string { return o.call().String() }

// GradsPerStep is how many gradients a step costs, the one it is given included.
func (o *Optimizer) GradsPerStep() float64 {
	n := 1.0
	for _, l := range o.links {
		n += l.Gradients - 1
	}
	return n
}

// New makes a stepper for one run.
func New[T problem.Float](o *Optimizer, c *Context[T]) (Stepper[T], error) {
	if c.Layout == nil || len(c.Start) != c.Layout.N {
		return nil, errors.New("optim: a context needs a layout and a start of its length")
	}
	if len(c.Blocks) == 0 {
		return nil, errors.New("optim: there are no blocks to act on")
	}
	end := 0
	for _, b := range c.Blocks {
		if b.Off < end || b.Len() < 1 || b.Off+b.Len() > c.Layout.N {
			return nil, fmt.Errorf("optim: the block %s is empty, out of order or beyond the layout", b.Name)
		}
		end = b.Off + b.Len()
	}
	return build(o, c)
}

// build is New for the parts of a combination.
func build[T problem.Float](o *Optimizer, c *Context[T]) (part[T], error) {
	made := make(parts[T], len(o.links))
	for i, l := range o.links {
		var err error
		switch c := any(c).(type) {
		case *Context[float32]:
			var p part[float32]
			p, err = l.f32(l.settings, c)
			made[i], _ = any(p).(part[T])
		case *Context[float64]:
			var p part[float64]
			p, err = l.f64(l.settings, c)
			made[i], _ = any(p).(part[T])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.Name, err)
		}
	}
	if len(made) == 1 {
		return made[0], nil
	}
	return chain[T]{made}, nil
}

// A Rule is an argument that is an optimizer itself, such as base in sam.
type Rule struct{ o *Optimizer }

// SetRecipe resolves v, which must not ask for gradients of its own.
func (r *Rule) SetRecipe(v recipe.Value) error {
	inner, ok := v.(recipe.Recipe)
	if !ok {
		return fmt.Errorf("must be an optimizer such as sgd(lr=0.1), found %v", v)
	}
	o, err := Resolve(inner)
	if err != nil {
		return err
	}
	if o.links[0].kind == isSource {
		return errorAt(inner[0], "%s asks for a gradient itself, so it cannot be part of another rule; put the others into its argument base", inner[0].Name)
	}
	r.o = o
	return nil
}

// Recipe is the inverse of SetRecipe.
func (r Rule) Recipe() recipe.Value { return r.o.call() }
