package stat

import (
	"fmt"
	"strings"
	"testing"
)

func TestContractsPanic(t *testing.T) {
	for name, call := range map[string]func(){
		"level 0":             func() { SignFlipInterval(nil, 0) },
		"level 1":             func() { StudentInterval(nil, 1) },
		"level NaN":           func() { JointSignFlip(nil, nan) },
		"ragged rows":         func() { JointSignFlip([][]float64{{1, 2}, {1}}, .05) },
		"unpaired samples":    func() { Differences([]float64{1}, nil) },
		"quantile":            func() { Quantile(nil, 1.1) },
		"no contrasts":        func() { SeedsForLevel(.05, 0) },
		"power":               func() { SeedsForPower(1, .05, 1) },
		"margin 0":            func() { Equivalent(nil, 0, .05) },
		"one-sided level 1/2": func() { Equivalent(nil, 1, .5) },
		"count over total":    func() { Proportion{3, 2}.Wilson(.05) },
		"shifts":              func() { PlantedPower([][]float64{{1, 2}}, []float64{1}, .05, 1, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if r := recover(); !strings.HasPrefix(fmt.Sprint(r), "stat: ") {
					t.Errorf("got %v, want a panic of this package", r)
				}
			}()
			call()
		})
	}
}
