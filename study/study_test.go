package study

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestParsePoints(t *testing.T) {
	got, _, err := ParsePoints("train_loss=0.1, steps=2000,epochs=2.5,grads=1e4,end")
	if err != nil {
		t.Fatal(err)
	}
	want := []Point{{TrainLoss, .1}, {Steps, 2000}, {Epochs, 2.5}, {Grads, 1e4}, {Kind: End}}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		again, err := ParsePoint(got[i].String())
		if got[i] != want[i] || again != want[i] || err != nil {
			t.Errorf("point %d: got %v, printed and read again %v (%v), want %v", i, got[i], again, err, want[i])
		}
	}
}

func TestParseSeries(t *testing.T) {
	for in, want := range map[string]string{
		"steps=0:300:100":                    "[steps=300] [steps=0 steps=100 steps=200]",
		"end, steps=100:330:100, steps=200":  "[end steps=300 steps=200] [steps=100]",
		"epochs=0:0.3:0.1":                   "[epochs=0.3] [epochs=0 epochs=0.1 epochs=0.2]",
		"grads=5:5:1,steps=0":                "[grads=5 steps=0] []",
		"steps=0:4:2,steps=0:6:3, steps = 4": "[steps=4 steps=6] [steps=0 steps=2 steps=3]",
	} {
		points, series, err := ParsePoints(in)
		if err != nil {
			t.Fatal(err)
		}
		s := Study{Points: points, Series: series}
		if got := fmt.Sprint(points, s.Along()); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
		for _, along := range series {
			if again, err := parseSeries(along.String()); err != nil || again != along {
				t.Errorf("%s: printed %s, read again %v, %v", in, along, again, err)
			}
		}
	}
}

func TestParsePointErrors(t *testing.T) {
	for in, want := range map[string]string{
		"train_los=0.1":           "train_loss",
		"train_loss":              "lacks its value",
		"train_loss=":             "not a positive number",
		"train_loss=NaN":          "not a positive number",
		"train_loss=inf":          "larger than 1e+09",
		"epochs=1e300":            "larger than 1e+09",
		"steps=1e400":             "larger than 1e+09",
		"end=3":                   "end takes no value",
		"steps=-3":                "not a positive number",
		"steps=1.5":               "whole",
		"end,end":                 "twice",
		"":                        "point",
		"steps=0:100":             "a series is written KIND=FROM:TO:EVERY",
		"steps=0:100:5:2":         "a series is written KIND=FROM:TO:EVERY",
		"train_loss=0.1:0.5:0.1":  "a series is of steps, epochs or grads",
		"train_loss=0":            "not a positive number",
		"phase=1:5:1":             "a series is of steps, epochs or grads",
		"end=0:100:5":             `unknown point "end"`,
		"step=0:100:5":            `did you mean "steps"`,
		"steps=0:100:0.5":         "whole",
		"steps=100:0:5":           "ends before it begins",
		"steps=0:100:0":           "more than 1000 points",
		"grads=0:1e9:1e5":         "more than 1000 points",
		"steps=0:9:3,steps=0:9:3": "given twice",
	} {
		_, _, err := ParsePoints(in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParsePoints(%q): %v, want an error with %q", in, err, want)
		}
	}
	if _, err := ParseBudget("end"); err == nil {
		t.Error("a budget of end is taken")
	}
}

func TestKeyDependsOnEverything(t *testing.T) {
	base := Run{"t", "m", "o", 1, Budget{Steps, 10}, "d", "k", 1}
	keys := map[string]bool{base.Key(): true}
	for _, change := range []func(*Run){
		func(r *Run) { r.Task = "x" }, func(r *Run) { r.Model = "x" }, func(r *Run) { r.Optimizer = "x" },
		func(r *Run) { r.Seed = 2 }, func(r *Run) { r.Budget.Kind = Epochs }, func(r *Run) { r.Budget.Value = 11 },
		func(r *Run) { r.Data = "x" }, func(r *Run) { r.Kernel = "x" }, func(r *Run) { r.Engine = 2 },
	} {
		r := base
		change(&r)
		if keys[r.Key()] {
			t.Errorf("%+v has the key of another run", r)
		}
		keys[r.Key()] = true
	}
}

func TestNum(t *testing.T) {
	in := []Num{0.1, None, Num(math.Inf(1)), -3}
	b, err := json.Marshal(in)
	if err != nil || string(b) != "[0.1,null,null,-3]" {
		t.Fatalf("got %s, %v", b, err)
	}
	var out []Num
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	if out[0] != 0.1 || out[1].Ok() || out[2].Ok() || out[3] != -3 {
		t.Errorf("got %v", out)
	}
}
