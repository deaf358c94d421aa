package main

import (
	"testing"

	"basin/study"
)

// A run for which no budget is given ends where nothing more is looked for.
func TestDefaultBudget(t *testing.T) {
	for at, want := range map[string]string{
		"steps=500":            "steps=500",
		"epochs=3, epochs=1.5": "epochs=3",
		"grads=1e4":            "grads=10000",
		"train_loss=0.1,end":   "steps=2000",
		"steps=500, end":       "steps=2000",
		"steps=50, epochs=1":   "steps=2000",
		"train_loss=0.1":       "steps=2000",
	} {
		points, _, err := study.ParsePoints(at)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := budget("", points, 0); err != nil || got.String() != want {
			t.Errorf("--at %s: budget %v, %v, want %s", at, got, err, want)
		}
	}
	for at, want := range map[string]string{"end": "phase=5", "phase=2, phase=3": "phase=3", "phase=2, end": "phase=5", "steps=50": "steps=50"} {
		points, _, err := study.ParsePoints(at)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := budget("", points, 5); err != nil || got.String() != want {
			t.Errorf("--at %s of a stream: budget %v, %v, want %s", at, got, err, want)
		}
	}
}
