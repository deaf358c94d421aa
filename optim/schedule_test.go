package optim

import (
	"math"
	"testing"
)

func TestSchedule(t *testing.T) {
	at := func(text string, horizon int, step int) float64 {
		s := *optimizer(t, "sgd(lr="+text+")").links[0].settings.(*sgdSettings)
		if err := plan(&s, horizon); err != nil {
			t.Fatal(err)
		}
		return s.LR.At(step)
	}
	for _, c := range []struct {
		text    string
		horizon int
		step    int
		want    float64
	}{
		{"0.5", 0, 1, 0.5},
		{"0.5", 0, 1000, 0.5},
		{"constant(2, warmup=4)", 0, 1, 0.5},
		{"constant(2, warmup=4)", 0, 3, 1.5},
		{"constant(2, warmup=4)", 0, 4, 2},
		{"constant(2, warmup=4)", 0, 5, 2},
		{"linear(1)", 4, 1, 1},
		{"linear(1)", 4, 2, 0.75},
		{"linear(1)", 4, 4, 0.25},
		{"linear(1)", 4, 5, 0},
		{"linear(1)", 4, 99, 0},
		{"linear(1, steps=2, floor=0.2)", 4, 2, 0.6},
		{"linear(1, warmup=2)", 5, 1, 0.5},
		{"linear(1, warmup=2)", 5, 2, 1},
		{"linear(1, warmup=2)", 5, 5, 0.25},
		{"cosine(3, floor=1)", 4, 1, 3},
		{"cosine(3, floor=1)", 4, 2, 2 + math.Sqrt2/2},
		{"cosine(3, floor=1)", 4, 3, 2},
		{"cosine(3, floor=1)", 4, 5, 1},
		{"cosine(1, warmup=10)", 5, 5, 0.5}, // the run ends while warming up
	} {
		if got := at(c.text, c.horizon, c.step); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%s over %d steps is %v at step %d, want %v", c.text, c.horizon, got, c.step, c.want)
		}
	}
}
