package probe

import (
	"fmt"

	"basin/recipe"
)

// An entry is one line of the catalogue of probes.
type entry struct {
	doc      *Doc
	settings func() Probe
	standard bool // among those of Default
}

// Revision is that of the code behind readings. It rises whenever a reading of an
// unchanged recipe changes, so that readings kept from before are taken anew.
const Revision = 5

var catalog = []entry{
	{&lossDoc, func() Probe { return new(loss) }, true},
	{&accuracyDoc, func() Probe { return new(accuracy) }, true},
	{&sharpnessDoc, func() Probe { return new(sharpness) }, true},
	{&eigenvaluesDoc, func() Probe { return new(eigenvalues) }, false},
	{&traceDoc, func() Probe { return new(traceProbe) }, false},
	{&densityDoc, func() Probe { return new(density) }, false},
	{&flatnessDoc, func() Probe { return new(flatness) }, false},
	{&relativeFlatnessDoc, func() Probe { return new(relativeFlatness) }, false},
	{&stabilityDoc, func() Probe { return new(stability) }, false},
	{&fisherDoc, func() Probe { return new(fisher) }, false},
	{&gradientNoiseDoc, func() Probe { return new(gradientNoise) }, false},
	{&normDoc, func() Probe { return new(norm) }, true},
	{&distanceDoc, func() Probe { return new(distance) }, true},
	{&updateDoc, func() Probe { return new(update) }, false},
	{&costDoc, func() Probe { return new(cost) }, false},
	{&rankDoc, func() Probe { return new(rank) }, true},
	{&sparsityDoc, func() Probe { return new(sparsity) }, true},
	{&activityDoc, func() Probe { return new(activity) }, true},
	{&outliersDoc, func() Probe { return new(outliers) }, false},
	{&dimensionDoc, func() Probe { return new(dimension) }, false},
	{&ckaDoc, func() Probe { return new(cka) }, false},
	{&collapseDoc, func() Probe { return new(collapse) }, false},
	{&linearProbeDoc, func() Probe { return new(linearProbe) }, false},
	{&pruningDoc, func() Probe { return new(pruning) }, true},
	{&quantizationDoc, func() Probe { return new(quantization) }, false},
	{&lowrankDoc, func() Probe { return new(lowrank) }, false},
	{&powerlawDoc, func() Probe { return new(powerlaw) }, false},
	{&alignmentDoc, func() Probe { return new(alignment) }, false},
	{&balanceDoc, func() Probe { return new(balance) }, false},
	{&marginDoc, func() Probe { return new(margin) }, true},
	{&calibrationDoc, func() Probe { return new(calibration) }, true},
	{&gapDoc, func() Probe { return new(generalization) }, false},
	{&classesDoc, func() Probe { return new(classes) }, false},
	{&corruptionDoc, func() Probe { return new(corruption) }, false},
	{&adversarialDoc, func() Probe { return new(adversarial) }, false},
	{&weightNoiseDoc, func() Probe { return new(weightNoise) }, false},
	{&inputGradientDoc, func() Probe { return new(inputGradient) }, false},
	{&simplicityDoc, func() Probe { return new(simplicity) }, false},
	{&linearMarginDoc, func() Probe { return new(linearMargin) }, false},
	{&bitsDoc, func() Probe { return new(bitFunction) }, false},
	{&forgettingDoc, func() Probe { return new(forgetting) }, false},
	{&intransigenceDoc, func() Probe { return new(intransigence) }, false},
}

// pairCatalog are the measures between solutions.
var pairCatalog = []line{
	pairwise(&disagreementDoc, func() Between[*decisions] { return new(disagreement) }, true),
	pairwise(&ckaBetweenDoc, func() Between[*representations] { return new(ckaBetween) }, true),
	pairwise(&separationDoc, func() Between[*displacement] { return new(separation) }, false),
	pairwise(&overlapDoc, func() Between[*eigenspace] { return new(overlap) }, false),
	pairwise(&barrierDoc, func() Between[*end] { return new(barrier) }, false),
}

// A line is one of either catalogue.
type line struct {
	doc      *Doc
	settings func() any
	standard bool
	// What a Between does with its settings; nil of a Probe.
	sketch  func(settings any, p *Pass) (Sketch, error)
	between func(settings any, p *Pair, a, b Sketch) error
}

// pairwise is the line of a measure between solutions whose sketches are of type S.
func pairwise[S Sketch](doc *Doc, settings func() Between[S], standard bool) line {
	return line{
		doc: doc, settings: func() any { return settings() }, standard: standard,
		sketch:  func(s any, p *Pass) (Sketch, error) { return s.(Between[S]).Sketch(p) },
		between: func(s any, p *Pair, a, b Sketch) error { return s.(Between[S]).Between(p, a.(S), b.(S)) },
	}
}

// lines are those of both catalogues, in order.
var lines = func() []line {
	var all []line
	for _, e := range catalog {
		all = append(all, line{doc: e.doc, settings: func() any { return e.settings() }, standard: e.standard})
	}
	return append(all, pairCatalog...)
}()

func find(name string) *line {
	for i := range lines {
		if lines[i].doc.Name == name {
			return &lines[i]
		}
	}
	return nil
}

func (l *line) bind(source string, c recipe.Call) (Bound, error) {
	s := l.settings()
	if err := recipe.Bind(source, c, s); err != nil {
		return Bound{}, err
	}
	return Bound{l.doc, s, l, recipe.Format(l.doc.Name, s)}, nil
}

// Names lists the probes and the measures between solutions, in the order of the catalogues.
func Names() []string {
	var names []string
	for _, l := range lines {
		names = append(names, l.doc.Name)
	}
	return names
}

// Docs lists what they say of themselves, in the same order.
func Docs() []*Doc {
	var docs []*Doc
	for _, l := range lines {
		docs = append(docs, l.doc)
	}
	return docs
}

// Default is the set of probes and measures between solutions that is measured where none is
// asked for, each with its defaults.
func Default() []Bound { return defaults(func(l *line) bool { return l.standard }) }

// All is every one, each with its defaults.
func All() []Bound { return defaults(func(*line) bool { return true }) }

func defaults(keep func(l *line) bool) []Bound {
	var all []Bound
	for i := range lines {
		l := &lines[i]
		if !keep(l) {
			continue
		}
		b, err := l.bind(l.doc.Name, recipe.Call{Name: l.doc.Name})
		if err != nil {
			panic(fmt.Sprintf("probe: defaults of %s: %v", l.doc.Name, err))
		}
		all = append(all, b)
	}
	return all
}
