package run

import (
	"slices"
	"testing"

	"basin/optim"
	"basin/problem"
	"basin/recipe"
	"basin/study"
)

// A bowl is |x - c|^2/2, which counts its gradients.
type bowl struct {
	layout *problem.Layout
	c      float64
}

func (f bowl) Layout() *problem.Layout { return f.layout }

func (f bowl) Loss(x []float64) float64 { return (x[0] - f.c) * (x[0] - f.c) / 2 }

func (f bowl) Grad(dst, x []float64) float64 {
	dst[0] = x[0] - f.c
	return f.Loss(x)
}

func (f bowl) MulVec(problem.Matrix, []float64, []float64, []float64) bool { return false }

// A listener notes what it is told at the end of a phase.
type listener struct {
	at, losses []float64
	steps      int
}

func (l *listener) Step(s *optim.Step[float64]) { l.steps++; s.D[0] *= -0.5 }
func (l *listener) Memory() []any               { return nil }

func (l *listener) EndPhase(x []float64, batch func(i int) problem.Objective[float64]) {
	l.at = append(l.at, float64(l.steps), x[0])
	for i := range 2 {
		g := make([]float64, 1)
		l.losses = append(l.losses, batch(i+1).Grad(g, x))
	}
}

// An optimizer is told of the end of each phase but the last, with the point and the
// batches of that phase, and what it asks for then is counted.
func TestEndOfPhases(t *testing.T) {
	layout := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{1, 1}})
	phase := func(c float64, steps int) problem.Phase[float64] {
		return problem.Phase[float64]{Until: problem.Until[float64]{Steps: steps}, EpochSteps: 1, Batch: func(i int) problem.Objective[float64] {
			return bowl{layout, c * float64(i)}
		}}
	}
	p := &problem.Problem[float64]{
		Layout: layout, Start: []float64{8}, Match: bowl{layout, 0},
		Phases: []problem.Phase[float64]{phase(0, 2), phase(1, 1), phase(0, 5)},
	}
	r, err := recipe.Parse("sgd")
	if err != nil {
		t.Fatal(err)
	}
	o, err := optim.Resolve(r)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newTrainer(p, &Job{Optimizer: o, Run: study.Run{Budget: study.Budget{Kind: study.Steps, Value: 4}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	told := &listener{}
	tr.stepper = told
	for range 4 {
		if why := tr.step(); why != "" {
			t.Fatal(why)
		}
	}
	// 8, 4, 2 in the first phase; 1.5 in the second, whose batches have centres 1 and 2.
	if want := []float64{2, 2, 3, 1.5}; !slices.Equal(told.at, want) {
		t.Errorf("told after steps and at points %v, want %v", told.at, want)
	}
	if want := []float64{2, 2, 0.125, 0.125}; !slices.Equal(told.losses, want) {
		t.Errorf("the batches of the phases have losses %v, want %v", told.losses, want)
	}
	if tr.cost.Grads != 4+4 {
		t.Errorf("%d gradients are counted, want 8", tr.cost.Grads)
	}
}
