package optim

import (
	"reflect"
	"slices"
	"testing"

	"basin/recipe"
)

// Every rule says all that `basin show` prints, and its arguments are sound.
func TestCatalog(t *testing.T) {
	var names []string
	for _, e := range catalog {
		names = append(append(names, e.Name), e.Aliases...)
		if e.Summary == "" || e.Equations == "" || e.Memory == "" || e.Gradients < 1 || !slices.Contains(Families, e.Family) {
			t.Errorf("%s: the documentation is not complete: %+v", e.Name, e.Doc)
		}
		if e.Source == "" && e.Family != "combination" {
			t.Errorf("%s: it names no source", e.Name)
		}
		if r, err := recipe.Parse(e.Example); err != nil {
			t.Errorf("%s: example: %v", e.Name, err)
		} else if _, err := Resolve(r); err != nil {
			t.Errorf("%s: example: %v", e.Name, err)
		}
		d, ok := Describe(e.Name)
		if !ok || len(d.Params) == 0 && reflect.TypeOf(e.settings()).Elem().NumField() > 0 {
			t.Errorf("%s: its arguments are not described", e.Name)
		}
		for _, p := range d.Params {
			if p.Name == "weight_decay" && d.Decay == "" || p.Name == "eps" && d.Epsilon == "" || p.Name == "max_norm" && d.Clipping == "" {
				t.Errorf("%s: it does not say where %s acts", e.Name, p.Name)
			}
		}
		if _, custom := e.settings().(recipe.Binder); custom {
			continue // its arguments are not fields
		}
		if err := recipe.Check(e.settings()); err != nil {
			t.Error(err)
		}
	}
	for _, s := range Schedules() {
		if r, err := recipe.Parse(s.Example); err != nil {
			t.Errorf("%s: example: %v", s.Name, err)
		} else if _, err := Resolve(r); err != nil || len(s.Params) == 0 {
			t.Errorf("%s: %v, arguments %v", s.Name, err, s.Params)
		}
	}
	for _, s := range schedules {
		if err := recipe.Check(s.settings()); err != nil {
			t.Error(err)
		}
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("a name is there twice: %v", names)
	}
	if _, ok := Describe("no_such_rule"); ok {
		t.Error("a rule that is not there is described")
	}
}

func TestAlias(t *testing.T) {
	if got, want := optimizer(t, "sign(lr=0.5)").Recipe(), "signsgd(lr=0.5, weight_decay=0)"; got != want {
		t.Errorf("sign is %s, want %s", got, want)
	}
}

func optimizer(t *testing.T, text string) *Optimizer {
	t.Helper()
	r, err := recipe.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	o, err := Resolve(r)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
