package optim

import (
	"errors"
	"fmt"
	"slices"

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
// before it transform the gradient, those after it the change; some can stand on one
// side alone.
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
		case (l.kind == isTransform || l.kind == isAfter) && o.isAnchored():
			return nil, errorAt(c, "%s would alter a change by which %s goes to a point of its own; leave it out, or let it act on the gradient before", l.Name, r[i-1].Name)
		case l.kind == isTransform:
		case l.kind == isBefore && rules > 0:
			return nil, errorAt(c, "%s works on gradients, and after a rule there is none; put it before, as in %s | %s", l.Name, l.Name, o.links[len(o.links)-1].Name)
		case l.kind == isAfter && rules == 0:
			return nil, errorAt(c, "%s works on the change that a rule has made; put it after one, as in sgd(lr=0.1) | %s", l.Name, l.Name)
		case l.kind == isBefore || l.kind == isAfter:
		case rules > 0:
			return nil, errorAt(c, "%s would take the change made by the rule before it for a gradient; a chain has one rule", l.Name)
		case l.kind == isSource && i > 0:
			return nil, errorAt(c, "%s asks for a gradient itself, so nothing can go before it; put %s into its argument base", l.Name, r[0].Name)
		}
		if l.kind == isRule || l.kind == isSource {
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
	gradients, _ := o.evaluations()
	return gradients
}

// ProductsPerStep is how many products with a curvature matrix a step costs.
func (o *Optimizer) ProductsPerStep() float64 {
	_, products := o.evaluations()
	return products
}

func (o *Optimizer) evaluations() (gradients, products float64) {
	gradients = 1
	for _, l := range o.links {
		g, p := l.evaluations()
		gradients, products = gradients+g-1, products+p
	}
	return gradients, products
}

// A gauge is a struct of settings on which it depends how many gradients and
// products a step takes, as in Doc but with those of its parts.
type gauge interface {
	evaluations() (gradients, products float64)
}

func (l link) evaluations() (gradients, products float64) {
	if s, ok := l.settings.(gauge); ok {
		return s.evaluations()
	}
	gradients, products = l.Gradients, l.Products
	for _, o := range inner(l.settings) {
		g, p := o.evaluations()
		gradients, products = gradients+g-1, products+p
	}
	return gradients, products
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
		if b.Off < end || b.Off+b.Len() > c.Layout.N {
			return nil, fmt.Errorf("optim: the block %s is out of order or beyond the layout", b.Name)
		}
		end = b.Off + b.Len()
	}
	full := *c // rules see no block without numbers
	full.Blocks = slices.DeleteFunc(slices.Clone(c.Blocks), func(b problem.Block) bool { return b.Len() == 0 })
	if len(full.Blocks) == 0 {
		return nil, errors.New("optim: all blocks are empty")
	}
	c = &full
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
