package optim

import (
	"fmt"
	"math"
	"reflect"

	"basin/recipe"
)

// A Schedule is a number that may change from step to step: an argument such as
// lr=1e-3, lr=cosine(1e-3, warmup=100) or lr=linear(1e-3, floor=1e-5).
//
// With w = max(Warmup, 1) it is Peak*t/w until step w, where it is Peak. From there
// p = (t-w)/(Steps+1-w) runs from 0 towards 1, which it would reach one step after
// the last, and stays at 1 after it:
//
//	constant  Peak
//	linear    Peak + (Floor-Peak)*p
//	cosine    Floor + (Peak-Floor)*(1+cos(pi*p))/2
type Schedule struct {
	Shape string // "constant", "linear", "cosine", or "" for a plain number
	scheduleSettings
}

// At is the value at step t, which counts from 1.
func (s Schedule) At(t int) float64 {
	w := max(s.Warmup, 1)
	if t < w {
		return s.Peak * float64(t) / float64(w)
	}
	p := min(1, float64(t-w)/float64(max(1, s.Steps+1-w)))
	switch s.Shape {
	case "linear":
		return s.Peak + (s.Floor-s.Peak)*p
	case "cosine":
		return s.Floor + (s.Peak-s.Floor)*(1+math.Cos(math.Pi*p))/2
	}
	return s.Peak
}

// scheduleSettings are the arguments of a schedule that falls.
type scheduleSettings struct {
	Peak   float64 `arg:"peak" valid:"[0,inf)" help:"value at the end of the warm-up"`
	Warmup int     `arg:"warmup" default:"0" valid:"[0,inf)" help:"steps of linear rise from 0"`
	Steps  int     `arg:"steps" default:"0" valid:"[0,inf)" help:"last step of the fall; 0: that of the run"`
	Floor  float64 `arg:"floor" default:"0" valid:"[0,inf)" help:"value after that"`
}

// constantSettings are those of one that does not.
type constantSettings struct {
	Peak   float64 `arg:"peak" valid:"[0,inf)" help:"value after the warm-up"`
	Warmup int     `arg:"warmup" default:"0" valid:"[0,inf)" help:"steps of linear rise from 0"`
}

// schedules are what an argument may be besides a number.
var schedules = []entry{
	{Doc: Doc{
		Name: "constant", Family: "schedule", Summary: "The same value at every step after the warm-up.",
		Equations: "peak * min(1, t/warmup)", Example: "sgd(lr=constant(0.1, warmup=100))",
	}, settings: func() any { return new(constantSettings) }},
	{Doc: Doc{
		Name: "linear", Family: "schedule", Summary: "A fall in a straight line after the warm-up.",
		Equations: "w = max(warmup, 1), p = min(1, (t-w)/(steps+1-w))\npeak * t/w up to step w, then peak + (floor-peak)*p",
		Example:   "sgd(lr=linear(0.1, floor=0.01))",
	}, settings: func() any { return new(scheduleSettings) }},
	{Doc: Doc{
		Name: "cosine", Family: "schedule", Summary: "A fall along half a cosine wave after the warm-up.",
		Equations: "w = max(warmup, 1), p = min(1, (t-w)/(steps+1-w))\npeak * t/w up to step w, then floor + (peak-floor)*(1+cos(pi*p))/2",
		Source:    "Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts, arXiv 1608.03983, without restarts",
		Example:   "adamw(lr=cosine(1e-3, warmup=100))",
	}, settings: func() any { return new(scheduleSettings) }},
}

// SetRecipe takes a number or the call of a schedule.
func (s *Schedule) SetRecipe(v recipe.Value) error {
	if x, ok := v.(recipe.Number); ok {
		*s = Schedule{scheduleSettings: scheduleSettings{Peak: float64(x)}}
		return nil
	}
	r, ok := v.(recipe.Recipe)
	if !ok || len(r) != 1 {
		return fmt.Errorf("must be a number or a schedule such as cosine(1e-3, warmup=100), found %v", v)
	}
	c := r[0]
	switch c.Name {
	case "constant":
		var k constantSettings
		if err := recipe.Bind("", c, &k); err != nil {
			return err
		}
		*s = Schedule{c.Name, scheduleSettings{Peak: k.Peak, Warmup: k.Warmup}}
		return nil
	case "linear", "cosine":
		*s = Schedule{Shape: c.Name}
		if err := recipe.Bind("", c, &s.scheduleSettings); err != nil {
			return err
		}
		switch {
		case s.Steps > 0 && s.Steps <= s.Warmup:
			return recipe.Errorf(c.Col, "%s falls to step %d but is still warming up until %d", c.Name, s.Steps, s.Warmup)
		case s.Floor > s.Peak:
			return recipe.Errorf(c.Col, "%s has a floor above its peak", c.Name)
		}
		return nil
	}
	return recipe.Errorf(c.Col, "%s", recipe.Unknown("schedule", c.Name, []string{"constant", "linear", "cosine"}))
}

// Recipe is the inverse of SetRecipe.
func (s Schedule) Recipe() recipe.Value {
	switch s.Shape {
	case "":
		return recipe.Number(s.Peak)
	case "constant":
		return recipe.Recipe{recipe.Format(s.Shape, constantSettings{s.Peak, s.Warmup})}
	}
	return recipe.Recipe{recipe.Format(s.Shape, s.scheduleSettings)}
}

// Within holds the peak to the range of the argument.
func (s *Schedule) Within(valid recipe.Interval) error {
	if !valid.Contains(s.Peak) {
		return fmt.Errorf("the peak must be in %v", valid)
	}
	return nil
}

// plan gives every schedule among the settings the length of the run where it asks
// for it.
func plan(settings any, horizon int) error {
	v := reflect.ValueOf(settings).Elem()
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		s, ok := v.Field(i).Addr().Interface().(*Schedule)
		if !ok || s.Steps > 0 || s.Shape == "" || s.Shape == "constant" {
			continue
		}
		if horizon == 0 {
			return fmt.Errorf("%s=%v needs its argument steps, as the length of the run is not known",
				v.Type().Field(i).Tag.Get("arg"), s.Recipe())
		}
		s.Steps = horizon
	}
	return nil
}
