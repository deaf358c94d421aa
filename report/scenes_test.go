package report

import (
	"testing"

	"basin/study"
)

var (
	level    = study.Point{Kind: study.TrainLoss, Value: 0.1}
	levelTwo = study.Point{Kind: study.TrainLoss, Value: 0.2}
	end      = study.Point{Kind: study.End}
)

// usual is the default size: six optimizers, eight seeds, two points.
func usual() scene {
	return scene{
		labels: []string{"sgd(lr=0.1)", "adamw", "muon(lr=0.02)", "clip_norm(1) | sgd(lr=0.1, momentum=0.9)", "sam(rho=0.05, base=sgd(lr=0.1))", "lion"},
		recipes: map[string]string{
			"sgd(lr=0.1)":   "sgd(lr=0.1, momentum=0, dampening=0, nesterov=false, weight_decay=0)",
			"adamw":         "adamw(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01)",
			"muon(lr=0.02)": "split(matrix=muon(lr=0.02, momentum=0.95, nesterov=true, steps=5), rest=adamw(lr=0.0003, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01))",
			"clip_norm(1) | sgd(lr=0.1, momentum=0.9)": "clip_norm(max=1) | sgd(lr=0.1, momentum=0.9, dampening=0, nesterov=false, weight_decay=0)",
			"sam(rho=0.05, base=sgd(lr=0.1))":          "sam(rho=0.05, base=sgd(lr=0.1, momentum=0, dampening=0, nesterov=false, weight_decay=0))",
			"lion":                                     "lion(lr=0.0001, beta1=0.9, beta2=0.99, weight_decay=0)",
		},
		seeds: 8, checks: 200, points: []study.Point{level, end}, between: true,
		undefined: map[string]map[int]string{"ece": {2: "every example is classified with certainty"}},
		warned:    map[string]map[int]string{"hessian_trace": {1: "the estimate's error is 8 % after 64 probes"}},
	}
}

// bare has one seed, a point that no run came to, and readings without a value.
func bare() scene {
	s := usual()
	s.labels, s.seeds = s.labels[:2], 1
	s.missed = map[[2]int]bool{{0, 0}: true, {1, 0}: true}
	why := map[int]string{0: "the model has no hidden layer", 1: "the model has no hidden layer"}
	s.undefined = map[string]map[int]string{"effective_rank": why, "logit_factor": why, "prune_acc@0.05": why,
		"ece": {1: "every example is classified with certainty"}}
	return s
}

// scenes are the results that every format is shown.
func scenes() map[string]scene {
	few := usual()
	few.labels, few.seeds = few.labels[:3], 3
	const jump, low = "the loss jumps past the level", "the start lies below the level"
	few.jumped = map[[2]int]string{{0, 1}: jump, {1, 0}: jump, {1, 2}: jump, {2, 0}: low}
	one := usual()
	one.labels, one.reference = one.labels[1:2], 0
	rough := usual()
	rough.labels, rough.reference = rough.labels[:4], 1
	rough.points = []study.Point{levelTwo, level, end}
	rough.diverged = map[[2]int]bool{{2, 1}: true, {2, 4}: true}
	rough.missed = map[[2]int]bool{{2, 0}: true, {2, 1}: true, {2, 4}: true}
	for seed := range rough.seeds {
		rough.missed[[2]int{3, seed}] = true
	}
	along := usual()
	along.labels = along.labels[:4]
	along.points = []study.Point{end, {Kind: study.Steps, Value: 2000}}
	along.series = []study.Series{{Kind: study.Steps, From: 0, To: 2000, Every: 100}}
	along.undefined = map[string]map[int]string{"ece": {2: "every example is classified with certainty"}}
	many := usual()
	many.labels = []string{"sgd", "adam", "adamw", "nadam", "radam", "lion", "muon", "soap", "shampoo", "lamb", "adagrad",
		"adamw(lr=1e-3, weight_decay=0.1)", "adamw(lr=1e-2, weight_decay=0.1)", `split(when("first|last", sgd(lr=0.1)), rest=adamw(lr=1e-4))`}
	many.recipes, many.undefined, many.seeds, many.between = nil, nil, 10, false
	return map[string]scene{"usual": usual(), "few": few, "one": one, "rough": rough, "many": many, "bare": bare(), "along": along}
}

// each runs a test once per scene.
func each(t *testing.T, test func(t *testing.T, name string, r *study.Results)) {
	all := scenes()
	for _, name := range []string{"usual", "few", "one", "rough", "many", "bare", "along"} {
		t.Run(name, func(t *testing.T) { test(t, name, all[name].results()) })
	}
}
