package optim

import (
	"fmt"
	"reflect"
	"slices"

	"basin/recipe"
)

// A Rule is an argument that is an optimizer itself, such as base in sam. It is given a
// gradient that its holder has found or changed, so it cannot be one that asks for
// gradients of its own.
type Rule struct{ o *Optimizer }

// SetRecipe resolves v, which must not ask for gradients of its own.
func (r *Rule) SetRecipe(v recipe.Value) error {
	o, first, err := resolveValue(v)
	if err != nil {
		return err
	}
	if o.isSource() {
		return errorAt(first, "%s asks for a gradient itself, so it cannot be part of another rule; put the others into its argument base", first.Name)
	}
	r.o = o
	return nil
}

// Recipe is the inverse of SetRecipe.
func (r Rule) Recipe() recipe.Value { return r.o.call() }

// A Base is an argument that is an optimizer which may ask for gradients of its own,
// as sam does: its holder shows it every step as the step is, with the gradient at X.
type Base struct{ o *Optimizer }

// SetRecipe resolves v.
func (b *Base) SetRecipe(v recipe.Value) error {
	o, _, err := resolveValue(v)
	if err != nil {
		return err
	}
	b.o = o
	return nil
}

// Recipe is the inverse of SetRecipe.
func (b Base) Recipe() recipe.Value { return b.o.call() }

// resolveValue resolves an argument that must be an optimizer; first is its first
// call.
func resolveValue(v recipe.Value) (o *Optimizer, first recipe.Call, err error) {
	r, ok := v.(recipe.Recipe)
	if !ok {
		return nil, first, fmt.Errorf("must be an optimizer such as sgd(lr=0.1), found %v", v)
	}
	o, err = Resolve(r)
	if err != nil {
		return nil, first, err
	}
	return o, r[0], nil
}

// isSource tells whether the optimizer asks for gradients of its own.
func (o *Optimizer) isSource() bool { return o.links[0].kind == isSource }

// An anchored struct of settings is that of a rule whose change leads to a point that
// the rule has worked out and goes on from: a change that is altered would be made up
// for in the next step.
type anchored interface{ anchored() }

func (o *Optimizer) isAnchored() bool {
	return slices.ContainsFunc(o.links, link.isAnchored)
}

func (l link) isAnchored() bool {
	_, ok := l.settings.(anchored)
	return ok || slices.ContainsFunc(inner(l.settings), (*Optimizer).isAnchored)
}

// averages tells whether the optimizer answers with an average, on some block at least.
func (o *Optimizer) averages() bool {
	return slices.ContainsFunc(o.links, func(l link) bool {
		return l.Answer != "" || slices.ContainsFunc(inner(l.settings), (*Optimizer).averages)
	})
}

// inner lists the optimizers among settings: those of its fields that are one, or what
// its own inner says.
func inner(settings any) []*Optimizer {
	if s, ok := settings.(interface{ inner() []*Optimizer }); ok {
		return s.inner()
	}
	var list []*Optimizer
	for _, f := range reflect.ValueOf(settings).Elem().Fields() {
		if !f.CanInterface() {
			continue
		}
		switch f := f.Interface().(type) {
		case Rule:
			list = append(list, f.o)
		case Base:
			list = append(list, f.o)
		}
	}
	return list
}
