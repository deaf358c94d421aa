package optim

import (
	"fmt"
	"reflect"

	"basin/recipe"
)

// A Schedule is a number that may change from step to step: an argument such as
// lr=1e-3, lr=cosine(1e-3, warmup=100) or lr=step(0.1, milestones=[0.5, 0.75]). What
// there is to choose from is in schedules.
type Schedule struct {
	Peak  float64 // the number, or the largest value of the curve
	name  string
	curve curve // nil for a plain number
	run   int   // steps of the run, 0 if unknown
}

// A curve is the settings of a schedule. They are never changed once they are read.
type curve interface {
	// peak is the largest value.
	peak() float64
	// check says what is wrong with the arguments beyond their ranges, nil if nothing is.
	check() error
	// open names what would have to be given for the curve to be known without the
	// length of the run, "" if it is.
	open() string
	// at is the value at step t, from 1, of a run of so many steps.
	at(t, run int) float64
}

// At is the value at step t, which counts from 1.
func (s Schedule) At(t int) float64 {
	if s.curve == nil {
		return s.Peak
	}
	return s.curve.at(t, s.run)
}

// SetRecipe takes a number or the call of a schedule.
func (s *Schedule) SetRecipe(v recipe.Value) error {
	if x, ok := v.(recipe.Number); ok {
		*s = Schedule{Peak: float64(x)}
		return nil
	}
	r, ok := v.(recipe.Recipe)
	if !ok || len(r) != 1 {
		return fmt.Errorf("must be a number or a schedule such as cosine(1e-3, warmup=100), found %v", v)
	}
	c := r[0]
	var known []string
	for _, row := range schedules {
		if row.Name != c.Name {
			known = append(known, row.Name)
			continue
		}
		k := row.settings()
		if err := recipe.Bind("", c, k); err != nil {
			return err
		}
		if err := k.check(); err != nil {
			return recipe.Errorf(c.Col, "%s %v", c.Name, err)
		}
		*s = Schedule{Peak: k.peak(), name: c.Name, curve: k}
		return nil
	}
	return recipe.Errorf(c.Col, "%s", recipe.Unknown("schedule", c.Name, known))
}

// Recipe is the inverse of SetRecipe.
func (s Schedule) Recipe() recipe.Value {
	if s.curve == nil {
		return recipe.Number(s.Peak)
	}
	return recipe.Recipe{recipe.Format(s.name, s.curve)}
}

// Within holds the peak to the range of the argument.
func (s *Schedule) Within(valid recipe.Interval) error {
	if !valid.Contains(s.Peak) {
		return fmt.Errorf("the peak must be in %v", valid)
	}
	return nil
}

// plan gives every schedule among the settings the length of the run.
func plan(settings any, horizon int) error {
	v := reflect.ValueOf(settings).Elem()
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		s, ok := v.Field(i).Addr().Interface().(*Schedule)
		if !ok || s.curve == nil {
			continue
		}
		if open := s.curve.open(); open != "" && horizon == 0 {
			return fmt.Errorf("%s=%v needs its argument %s, as the length of the run is not known",
				v.Type().Field(i).Tag.Get("arg"), s.Recipe(), open)
		}
		s.run = horizon
	}
	return nil
}
