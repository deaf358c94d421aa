package task

import (
	"os"
	"sync"
	"testing"

	"basin/problem"
	"basin/recipe"
)

// shared is the folder of real data sets beside the repository.
const shared = "../../shared/data"

// parsed is nil for an empty text.
func parsed(t testing.TB, text string) recipe.Recipe {
	t.Helper()
	if text == "" {
		return nil
	}
	r, err := recipe.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func resolve(t testing.TB, task, model string) *Task {
	t.Helper()
	k, err := Resolve(parsed(t, task), parsed(t, model))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// loaded keeps data by the recipes of task and model, for all tests.
var loaded sync.Map

func load(t testing.TB, task, model string) *Data {
	t.Helper()
	k := resolve(t, task, model)
	key := k.Recipe() + " " + k.Model()
	if d, ok := loaded.Load(key); ok {
		return d.(*Data)
	}
	d, err := k.Load(shared)
	if err != nil {
		t.Fatal(err)
	}
	loaded.Store(key, d)
	return d
}

func pose[T problem.Float](t testing.TB, d *Data, seed uint64) *problem.Problem[T] {
	t.Helper()
	p, err := New[T](d, seed)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// descend makes steps of gradient descent from the start and returns the end.
func descend[T problem.Float](p *problem.Problem[T], lr float64, steps int) []T {
	x, g := append([]T(nil), p.Start...), make([]T, p.Layout.N)
	for t := 1; t <= steps; t++ {
		p.Phases[0].Batch(t).Grad(g, x)
		for i := range x {
			x[i] -= T(lr) * g[i]
		}
	}
	return x
}

// accuracy is the share of examples whose class has the largest output.
func accuracy[T problem.Float](f problem.Objective[T], x []T) float64 {
	q, _ := problem.As[problem.Predictor[T]](f)
	n, classes := q.Size()
	z := make([]T, n*classes)
	q.Outputs(z, x)
	right := 0
	for i, label := range q.Labels() {
		best := 0
		for c := range classes {
			if z[i*classes+c] > z[i*classes+best] {
				best = c
			}
		}
		if best == label {
			right++
		}
	}
	return float64(right) / float64(n)
}

func needShared(t *testing.T) {
	if _, err := os.Stat(shared); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("without real data: ", err)
	}
}
