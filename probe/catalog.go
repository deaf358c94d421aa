package probe

import (
	"fmt"

	"basin/recipe"
)

// An entry is one line of the catalogue.
type entry struct {
	doc      *Doc
	settings func() Probe
	standard bool // among those of Default
}

// Revision is that of the code behind readings. It rises whenever a reading of an
// unchanged recipe changes, so that readings kept from before are taken anew.
const Revision = 4

var catalog = []entry{
	{&lossDoc, func() Probe { return new(loss) }, true},
	{&accuracyDoc, func() Probe { return new(accuracy) }, true},
	{&sharpnessDoc, func() Probe { return new(sharpness) }, true},
	{&eigenvaluesDoc, func() Probe { return new(eigenvalues) }, false},
	{&traceDoc, func() Probe { return new(traceProbe) }, false},
	{&densityDoc, func() Probe { return new(density) }, false},
	{&flatnessDoc, func() Probe { return new(flatness) }, false},
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
}

func find(name string) *entry {
	for i := range catalog {
		if catalog[i].doc.Name == name {
			return &catalog[i]
		}
	}
	return nil
}

func (e *entry) bind(source string, c recipe.Call) (Bound, error) {
	s := e.settings()
	if err := recipe.Bind(source, c, s); err != nil {
		return Bound{}, err
	}
	return Bound{e.doc, s, recipe.Format(e.doc.Name, s)}, nil
}

// Names lists the probes, in the order of the catalogue.
func Names() []string {
	var names []string
	for _, e := range catalog {
		names = append(names, e.doc.Name)
	}
	return names
}

// Docs lists what the probes say of themselves, in the order of the catalogue.
func Docs() []*Doc {
	var docs []*Doc
	for _, e := range catalog {
		docs = append(docs, e.doc)
	}
	return docs
}

// Default is the set of probes that is measured where none is asked for, each with
// its defaults.
func Default() []Bound { return defaults(func(e *entry) bool { return e.standard }) }

// All is every probe, each with its defaults.
func All() []Bound { return defaults(func(*entry) bool { return true }) }

func defaults(keep func(e *entry) bool) []Bound {
	var all []Bound
	for i := range catalog {
		e := &catalog[i]
		if !keep(e) {
			continue
		}
		b, err := e.bind(e.doc.Name, recipe.Call{Name: e.doc.Name})
		if err != nil {
			panic(fmt.Sprintf("probe: defaults of %s: %v", e.doc.Name, err))
		}
		all = append(all, b)
	}
	return all
}
