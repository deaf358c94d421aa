package probe

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"basin/problem"
	"basin/stat"
)

// A Pass is one solution being measured. Probes read its fields and write none; a
// Pass serves one goroutine.
type Pass struct {
	Layout *problem.Layout
	// X is the solution and Start the point where its training began.
	X, Start []float64
	// Sets are the problem's objectives in evaluation mode, by name.
	Sets map[string]problem.Objective[float64]
	// Match is the objective whose value is the matching loss.
	Match problem.Objective[float64]
	// Stages are how right the run was on the tasks of a stream, from its start to the end of
	// the phase at which X stands; nil elsewhere, and where that is not known.
	Stages []problem.Stage
	// Judged are the numbers of predictions by which Stages judge each task; nil where the
	// problem is no stream.
	Judged []int
	// Reference gives the accuracy on a task of a stream, counted from 1, of a network trained
	// beside the run: by its optimizer, from its start, on the tasks first to last alone,
	// of which the last is judged. masked is that among the task's own outputs, NaN where
	// all outputs are for it. nil where there is no stream, and of a file.
	Reference func(first, last int) (accuracy, masked float64, err error)
	// Path is the length of the path from Start to X, NaN if it was not recorded.
	Path float64
	// Course is more of the way that training took, nil where it was not recorded.
	Course *problem.Course
	// Update is the step by which training came to X, nil if it is not known.
	Update []float64
	// Metric is that of the step by which training came to X, nil if it is not known.
	Metric *problem.Metric
	// Eps is the relative rounding error of the precision of training.
	Eps float64
	// Seed fixes which examples and directions are drawn. Solutions that are to be
	// compared share it, and so are measured on the same draws.
	Seed uint64

	known map[any]any
	taken
}

// taken are the readings of the probe at work.
type taken struct {
	doc      *Doc
	readings []stat.Reading
}

// Read adds a reading to those of the probe at work. Its name, up to a slash, must
// be one that the probe declares.
func (p *taken) Read(r stat.Reading) {
	d := p.doc.reading(r.Name)
	if d == nil {
		panic(fmt.Sprintf("probe: %s does not declare the reading %q", p.doc.Name, r.Name))
	}
	for _, other := range p.readings {
		if other.Name == r.Name {
			panic(fmt.Sprintf("probe: %s reads %q twice", p.doc.Name, r.Name))
		}
	}
	r.Probe = p.doc.Name
	if r.Unit == "" {
		r.Unit = d.Unit
	}
	p.readings = append(p.readings, r)
}

// Exact reads a value that has no error of measurement.
func (p *taken) Exact(name string, v float64, warnings ...string) {
	p.Estimate(name, v, math.NaN(), warnings...)
}

// Estimate reads a value with its standard error, NaN where that is not known.
func (p *taken) Estimate(name string, v, stderr float64, warnings ...string) {
	r := stat.Estimate("", name, "", v, stderr)
	r.Warnings = warnings
	p.Read(r)
}

// None says why a reading has no value.
func (p *taken) None(name, reason string) { p.Read(stat.Undefined("", name, reason)) }

// complete gives the readings, and a reading without value for each that was left out, for which
// why must say the reason.
func (p *taken) complete(why error) ([]stat.Reading, error) {
	for _, d := range p.doc.Readings {
		if slices.ContainsFunc(p.readings, func(r stat.Reading) bool { return stem(r.Name) == d.Name }) {
			continue
		}
		if why == nil {
			return nil, fmt.Errorf("probe: %s has left out its reading %s", p.doc.Name, d.Name)
		}
		p.None(d.Name, why.Error())
	}
	return p.readings, nil
}

// part is the name of the reading of one part.
func part(name, of string) string { return name + "/" + of }

// stem is a reading's name without the part.
func stem(name string) string {
	s, _, _ := strings.Cut(name, "/")
	return s
}
