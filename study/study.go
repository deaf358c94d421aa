// Package study holds a question as data: which runs may answer it, what was
// recorded of each, and what the comparison of the records says.
package study

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// A Run is one training, told in full: all on which its outcome depends. Recipes
// are in canonical form. Probes and points are not part of it, since they only
// look at what a run does.
type Run struct {
	Task      string `json:"task"`
	Model     string `json:"model"`
	Optimizer string `json:"optimizer"`
	Seed      uint64 `json:"seed"`
	Budget    Budget `json:"budget"`
	Data      string `json:"data"`   // hash of the data
	Kernel    string `json:"kernel"` // kernel path, since paths round differently
	Engine    int    `json:"engine"` // revision of everything else that decides bits
}

// Key identifies the run: 24 hexadecimal digits of the SHA-256 of its JSON.
func (r Run) Key() string { return digest(r) }

// An Optimizer is one of those compared: how it is labelled and what it is in full.
type Optimizer struct {
	Label  string `json:"label"`  // as the user wrote it, normalised
	Recipe string `json:"recipe"` // canonical, every argument written out
}

// A Study is one network, several optimizers, the same seeds for each.
type Study struct {
	Task       string      `json:"task"`
	Model      string      `json:"model"`
	Optimizers []Optimizer `json:"optimizers"`
	Reference  int         `json:"reference"` // index of the optimizer the others are compared with
	Seeds      int         `json:"seeds"`     // seeds 1..Seeds
	Points     []Point     `json:"points"`
	Series     []Series    `json:"series,omitempty"`
	Budget     Budget      `json:"budget"`
	Probes     []string    `json:"probes"`            // canonical recipes
	Headlines  []string    `json:"headlines"`         // readings that are tested, fixed before looking
	Atlases    []Likeness  `json:"atlases,omitempty"` // drawn and tested, fixed before looking
	Data       string      `json:"data"`
	Kernel     string      `json:"kernel"`
	Engine     int         `json:"engine"`
}

// Run is the run of optimizer o at the i-th seed.
func (s *Study) Run(o, i int) Run {
	return Run{
		Task: s.Task, Model: s.Model, Optimizer: s.Optimizers[o].Recipe, Seed: uint64(i + 1),
		Budget: s.Budget, Data: s.Data, Kernel: s.Kernel, Engine: s.Engine,
	}
}

// Along are the points of series that are not among Points: what is read there is recorded
// and shown, but not tested.
func (s *Study) Along() []Point {
	var list []Point
	for _, series := range s.Series {
		for _, p := range series.Points() {
			if !slices.Contains(s.Points, p) && !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
	}
	return list
}

// Courses are the points that follow one another in training, as measures between the
// solutions of one run take them: those of each series or, without one, all in their order.
func (s *Study) Courses() [][]Point {
	if len(s.Series) == 0 {
		return [][]Point{s.Points}
	}
	var list [][]Point
	for _, series := range s.Series {
		list = append(list, series.Points())
	}
	return list
}

// Question identifies the study whatever the number of its seeds.
func (s *Study) Question() string {
	q := *s
	q.Seeds = 0
	return digest(q)
}

// digest is 24 hexadecimal digits of the SHA-256 of the JSON of plain data.
func digest(v any) string {
	body, err := json.Marshal(v)
	if err != nil {
		panic("study: plain data is always JSON: " + err.Error())
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:12])
}
