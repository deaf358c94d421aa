package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"basin/problem"
	"basin/stat"
	"basin/study"
)

// A scene is a study to make up results for. The results are deterministic, hang
// together as those of a real study do, and are no measurement of anything.
type scene struct {
	labels    []string
	recipes   map[string]string // of a label, where it is not the label
	reference int
	seeds     int
	points    []study.Point
	series    []study.Series
	diverged  map[[2]int]bool           // optimizer, seed: the run diverged half way
	missed    map[[2]int]bool           // optimizer, seed: no train_loss point was reached
	undefined map[string]map[int]string // reading, optimizer: why it has no value
	warned    map[string]map[int]string // reading, optimizer: its warning
	jumped    map[[2]int]string         // optimizer, seed: the warning of its solutions
	checks    int
	between   bool // solutions are compared with one another
}

// A property is one reading that scenes have.
type property struct {
	probe, name, unit string
	headline          bool
	base, spread      float64 // of the reference, over seeds
	effect            float64 // in spreads, per optimizer
}

var properties = []property{
	{"sharpness(k=3)", "sharpness", "", true, 24.6, 2.1, 2.4},
	{"sharpness(k=3)", "hessian_trace", "", true, 412, 33, 1.1},
	{"sharpness(k=3)", "logit_factor", "", true, 0.0412, 0.0021, 0.2},
	{"sharpness(k=3)", "hessian_eigenvalue_2", "", false, 14.2, 1.6, 2},
	{"rank(layers=all)", "effective_rank", "", true, 31.2, 0.9, -1.6},
	{"rank(layers=all)", "stable_rank[layer1.weight]", "", false, 7.7, 0.3, -1},
	{"rank(layers=all)", "stable_rank[layer2.weight]", "", false, 5.2, 0.3, -1},
	{"sparsity(below=0.01)", "weight_sparsity", "%", true, 12.4, 0.8, 1.9},
	{"norms()", "weight_norm", "", true, 18.31, 0.07, -3},
	{"norms()", "distance_from_start", "", true, 11.9, 0.3, 0.4},
	{"norms()", "weight_norm[layer1.weight]", "", false, 9.8, 0.05, -2},
	{"norms()", "weight_norm[layer2.weight]", "", false, 8.1, 0.05, -2},
	{"norms()", "weight_norm[head.weight]", "", false, 4.4, 0.04, 1},
	{"margins()", "margin_median", "nats", true, 3.02, 0.11, 0.9},
	{"margins()", "margin_min", "nats", false, -1.9, 0.4, 0},
	{"noise(std=0.01)", "loss_rise_under_noise", "nats", true, 3.4e-5, 6e-6, -1.2},
	{"calibration(bins=15)", "ece", "%", true, 2.3, 0.4, 0},
	{"scores(set=test)", "test_accuracy", "%", true, 96.41, 0.22, 0.5},
	{"prune(keep=6)", "prune_acc@0.02", "%", false, 31, 4, 1.5},
	{"prune(keep=6)", "prune_acc@0.05", "%", false, 58, 4, 1.5},
	{"prune(keep=6)", "prune_acc@0.1", "%", false, 78, 3, 1.3},
	{"prune(keep=6)", "prune_acc@0.2", "%", false, 90, 2, 1},
	{"prune(keep=6)", "prune_acc@0.5", "%", false, 95, 0.5, 0.3},
	{"prune(keep=6)", "prune_acc@1", "%", false, 96.4, 0.2, 0},
	{"dead()", "dead_units", "", false, 0, 0, 0},
}

// lossAt is the training loss that optimizer o has after a share of the budget.
func lossAt(o int, share float64) float64 {
	return 2.3 * math.Exp(-(3.2+0.35*float64(o%5))*math.Pow(share, 0.55+0.06*float64(o%3)))
}

// results makes up the records and has them compared.
func (sc scene) results() *study.Results {
	s := &study.Study{
		Task: `digits(train=4000, batch=128)`, Model: "mlp(128, 64, act=relu, init=he_normal, bias=true, scale=1)",
		Reference: sc.reference, Seeds: sc.seeds, Points: sc.points, Series: sc.series,
		Budget: study.Budget{Kind: study.Steps, Value: 2000},
		Data:   "5d1be8a0c3f94b7f2a6c11d09e77a8b4", Kernel: "avx2", Engine: 1,
	}
	for _, label := range sc.labels {
		full := sc.recipes[label]
		if full == "" {
			full = label
		}
		s.Optimizers = append(s.Optimizers, study.Optimizer{Label: label, Recipe: full})
	}
	for _, p := range properties {
		if len(s.Probes) == 0 || s.Probes[len(s.Probes)-1] != p.probe {
			s.Probes = append(s.Probes, p.probe)
		}
		if p.headline {
			s.Headlines = append(s.Headlines, p.name)
		}
	}
	var made []*study.Record
	for o := range s.Optimizers {
		for seed := range sc.seeds {
			made = append(made, sc.record(s, o, seed))
		}
	}
	if sc.between {
		s.Probes = append(s.Probes, "disagreement(set=test)", "overlap(k=5)")
		s.Headlines = append(s.Headlines, "disagreement", "overlap")
		s.Atlases = []study.Likeness{{Name: "disagreement"}}
	}
	r, err := study.Compare(s, made)
	if err != nil {
		panic(err)
	}
	if sc.between {
		r.Relate(pairs(s, made))
	}
	return r
}

// pairs makes up what lies between solutions: those of one optimizer and those of one seed are
// nearer together than others, and one pair has no value.
func pairs(s *study.Study, made []*study.Record) []study.Pair {
	random := rand.New(rand.NewPCG(7, 7))
	var list []study.Pair
	add := func(a, b study.Place, probe, name string, value float64) {
		p := study.PairOf(a, b)
		reading := stat.Estimate(probe, name, "", value, 0.003)
		if len(list) == 5 {
			reading = stat.Undefined(probe, name, "the two have no outputs in common")
		}
		p.Measured = []study.Measurement{{Probe: probe, Revision: 1, Readings: []stat.Reading{reading}}}
		list = append(list, p)
	}
	reached := func(rec *study.Record, at study.Point) bool {
		sol, ok := rec.Solution(at)
		return ok && sol.None == ""
	}
	for k, at := range s.Points {
		for i, a := range made {
			if !reached(a, at) {
				continue
			}
			if k > 0 && reached(a, s.Points[k-1]) {
				add(study.Place{Key: a.Key, Point: s.Points[k-1]}, study.Place{Key: a.Key, Point: at}, "overlap(k=5)", "overlap", .5+.1*random.Float64())
			}
			for _, b := range made[:i] {
				if !reached(b, at) {
					continue
				}
				d := .1 + .02*random.Float64()
				if a.Run.Optimizer != b.Run.Optimizer {
					d += .04
				}
				if a.Run.Seed != b.Run.Seed {
					d += .01
				}
				add(study.Place{Key: a.Key, Point: at}, study.Place{Key: b.Key, Point: at}, "disagreement(set=test)", "disagreement", d)
			}
		}
	}
	return list
}

// record makes up the run of optimizer o at the given seed.
func (sc scene) record(s *study.Study, o, seed int) *study.Record {
	rec := &study.Record{
		Run: s.Run(o, seed), Witness: fmt.Sprintf("%016x", 0x9e3779b97f4a7c15*uint64(seed+1)),
		Params: 25418, EpochSteps: 32,
		Ending: study.Ending{Kind: study.Spent, Step: 2000},
	}
	rec.Key = rec.Run.Key()
	random := rand.New(rand.NewPCG(uint64(o+1), uint64(seed+1)))
	perStep := 1.0
	if o == 4 {
		perStep = 2 // as sam takes two gradients
	}
	last := sc.checks
	if sc.diverged[[2]int{o, seed}] {
		last = sc.checks / 2
		rec.Ending = study.Ending{Kind: study.Diverged, Step: 1009, Why: "the loss is not finite at step 1010"}
		rec.Warnings = []string{"loss spiked to 48 times its lowest value at step 1003"}
	}
	rec.Ending.Cost = problem.Cost{Grads: int(perStep) * rec.Ending.Step, Losses: 41, Flops: 7.6e9 * perStep}
	for k := range last + 1 {
		share := float64(k) / float64(sc.checks)
		step := int(share * 2000)
		loss := lossAt(o, share) * math.Exp(0.05*random.NormFloat64()+0.03*float64(seed))
		rec.Curve = append(rec.Curve, study.Check{Step: step, Grads: perStep * float64(step), Loss: loss})
	}
	for _, at := range append(slices.Clip(sc.points), s.Along()...) {
		rec.Solutions = append(rec.Solutions, sc.solution(at, rec, o, seed))
	}
	return rec
}

// solution makes up what stood at a point of a run.
func (sc scene) solution(at study.Point, rec *study.Record, o, seed int) study.Solution {
	sol := study.Solution{Point: at}
	id := [2]int{o, seed}
	switch {
	case at.Kind == study.TrainLoss && sc.missed[id]:
		sol.None = fmt.Sprintf("the loss stayed above %v: lowest %.3g", at.Value, rec.Curve[len(rec.Curve)-1].Loss)
		return sol
	case at.Kind != study.End && sc.diverged[id]:
		sol.None = "diverged at step 1010, before the point"
		return sol
	}
	random := rand.New(rand.NewPCG(uint64(1000+o), uint64(seed+1)))
	if why := sc.jumped[id]; why != "" {
		sol.Warnings = []string{why}
	}
	if at.Kind == study.Steps && int(at.Value) > rec.Ending.Step {
		sol.None = "the budget ended"
		return sol
	}
	sol.Step, sol.Loss, sol.Path = rec.Ending.Step, rec.Curve[len(rec.Curve)-1].Loss, 40+random.Float64()
	if at.Kind == study.TrainLoss {
		sol.Mismatch = 0.01 * random.NormFloat64()
		sol.Loss = at.Value * (1 + sol.Mismatch)
		for _, check := range rec.Curve {
			if check.Loss <= at.Value {
				sol.Step = check.Step
				break
			}
		}
	}
	sol.Epoch = float64(sol.Step) / float64(rec.EpochSteps)
	perStep := rec.Ending.Cost.Grads / rec.Ending.Step
	sol.Cost = problem.Cost{Grads: perStep * sol.Step, Flops: 3.8e6 * float64(perStep*sol.Step)}
	shift := 0.0
	switch at.Kind {
	case study.TrainLoss:
		shift = math.Log(0.1 / at.Value)
	case study.Steps:
		sol.Step = int(at.Value)
		shift = at.Value/500 - 0.4*float64(o)
	default:
		shift = 2 - 0.4*float64(o)
	}
	for i, p := range properties {
		if i == 0 || properties[i-1].probe != p.probe {
			sol.Measured = append(sol.Measured, study.Measurement{Probe: p.probe})
		}
		m := &sol.Measured[len(sol.Measured)-1]
		m.Readings = append(m.Readings, sc.reading(p, o, seed, shift))
	}
	return sol
}

// reading makes up one reading; seeds are paired, so they share part of the noise.
func (sc scene) reading(p property, o, seed int, shift float64) stat.Reading {
	if why := sc.undefined[p.name][o]; why != "" {
		return stat.Undefined(p.probe, p.name, why)
	}
	shared := rand.New(rand.NewPCG(uint64(len(p.name)), uint64(seed+1))).NormFloat64()
	own := rand.New(rand.NewPCG(uint64(o*100+len(p.name)), uint64(seed+1))).NormFloat64()
	effect := p.effect * float64((o*5)%7-2) / 2
	if o == sc.reference {
		effect = 0
	}
	v := p.base + p.spread*(0.7*shared+0.7*own+effect+0.4*shift)
	reading := stat.Estimate(p.probe, p.name, p.unit, v, p.spread/20)
	if why := sc.warned[p.name][o]; why != "" {
		reading.Warnings = []string{why}
	}
	return reading
}
