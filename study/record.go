package study

import (
	"encoding/json"
	"iter"
	"slices"

	"basin/problem"
	"basin/stat"
)

// A Record is all that is kept of a run. Nothing in it depends on a clock, a host
// or on which points were asked for first.
type Record struct {
	Key string `json:"key"`
	Run Run    `json:"run"`
	// Witness is a hash of the start point and of the losses there of batches 1, 10,
	// 100 and 1000: runs of one seed had the same start and the same batches if and
	// only if their witnesses agree.
	Witness    string  `json:"witness"`
	Params     int     `json:"params"`
	EpochSteps int     `json:"epoch_steps"`
	Ending     Ending  `json:"ending"`
	Curve      []Check `json:"curve"`
	// Stages are how right a stream's solutions were on all tasks, at the start and at the
	// end of each phase that the run came to.
	Stages    []problem.Stage `json:"stages,omitempty"`
	Solutions []Solution      `json:"solutions"`
	Warnings  []string        `json:"warnings,omitempty"`
}

// An EndKind is how a run ended. Divergence is an ending, not an error.
type EndKind string

const (
	Spent    EndKind = "spent"    // the budget was spent
	Diverged EndKind = "diverged" // loss, gradient or step stopped being finite
)

// An Ending says how, where and at what cost a run ended.
type Ending struct {
	Kind EndKind      `json:"kind"`
	Step int          `json:"step"` // the last step that was accepted
	Why  string       `json:"why,omitempty"`
	Cost problem.Cost `json:"cost"`
}

// A Check is the matching loss at one of the checks that are kept.
type Check struct {
	Step  int     `json:"step"`
	Grads float64 `json:"grads"` // gradient-equivalents spent
	Loss  float64 `json:"loss"`
}

// A Solution is what stood at a point of a run.
type Solution struct {
	Point Point `json:"point"`
	// None says why the run never came to the point; all below is then empty.
	None     string        `json:"none,omitempty"`
	Step     int           `json:"step"`
	Epoch    float64       `json:"epoch"`
	Cost     problem.Cost  `json:"cost"`
	Loss     float64       `json:"loss"`               // matching loss
	Mismatch float64       `json:"mismatch,omitempty"` // of a train_loss point: loss / level - 1
	Path     float64       `json:"path_length"`
	Measured []Measurement `json:"measured,omitempty"`
	Warnings []string      `json:"warnings,omitempty"`
}

// MarshalJSON leaves out what there is not of a point that was not reached.
func (s Solution) MarshalJSON() ([]byte, error) {
	if s.None != "" {
		return json.Marshal(struct {
			Point Point  `json:"point"`
			None  string `json:"none"`
		}{s.Point, s.None})
	}
	type reached Solution
	return json.Marshal(reached(s))
}

// A Measurement is what one probe read of a solution.
type Measurement struct {
	Probe    string         `json:"probe"`    // canonical recipe
	Revision int            `json:"revision"` // of the code that measured
	Readings []stat.Reading `json:"readings"`
}

// Solution gives the solution at p, if the run was ever asked for it.
func (r *Record) Solution(p Point) (*Solution, bool) {
	for i := range r.Solutions {
		if r.Solutions[i].Point == p {
			return &r.Solutions[i], true
		}
	}
	return nil, false
}

// StagesAt gives the stages up to the one at a step; none where no phase was over there.
func (r *Record) StagesAt(step int) []problem.Stage {
	i := slices.IndexFunc(r.Stages, func(s problem.Stage) bool { return s.Phase > 0 && s.Step == step })
	return r.Stages[:i+1]
}

// Readings goes through all readings in the order in which they were taken.
func (s *Solution) Readings() iter.Seq[stat.Reading] {
	return func(yield func(stat.Reading) bool) {
		for _, m := range s.Measured {
			for _, r := range m.Readings {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// Measurement gives what the probe of a canonical recipe read, if it was asked; it
// may be changed.
func (s *Solution) Measurement(probe string) (*Measurement, bool) {
	return measurement(s.Measured, probe)
}

func measurement(list []Measurement, probe string) (*Measurement, bool) {
	for i := range list {
		if list[i].Probe == probe {
			return &list[i], true
		}
	}
	return nil, false
}
