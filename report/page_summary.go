package report

import (
	"fmt"
	"strings"

	"basin/study"
)

// headline names what was compared on what.
func headline(s *study.Study) string {
	return fmt.Sprintf("%s on %s", count(len(s.Optimizers), "optimizer"), skeleton(s.Task))
}

// question is what the study asks, in one sentence.
func question(s *study.Study, labels []string) string {
	if len(labels) == 1 {
		return fmt.Sprintf("What kind of solution does %s find for %s?", labels[0], skeleton(s.Model))
	}
	var others []string
	for _, o := range referenceFirst(s)[1:] {
		others = append(others, labels[o])
	}
	when := map[study.PointKind]string{
		study.TrainLoss: "at equal training loss", study.Steps: "after equal steps", study.Epochs: "after equal epochs",
		study.Grads: "at equal cost", study.PhaseEnd: "at the ends of phases", study.End: "at the end of training",
	}
	var moments []string
	for _, p := range s.Points {
		if w := when[p.Kind]; len(moments) == 0 || moments[len(moments)-1] != w {
			moments = append(moments, w)
		}
	}
	who, verb := "the solutions that "+enumerate(others), "find"
	switch {
	case len(others) == 1:
		verb = "finds"
	case len(others) > 6:
		who = fmt.Sprintf("the solutions that %d other optimizers", len(others))
	}
	return fmt.Sprintf("Do %s %s differ from those of %s %s?", who, verb, labels[s.Reference], enumerate(moments))
}

// A glance is the finding about one optimizer in a line.
type glance struct {
	Label   string
	Always  []shift // at every point
	Partly  []shift // at some
	Verdict string  // where there is nothing to list
}

// A shift is a reading that differs, and in which direction.
type shift struct {
	Name, Where string
	Up          bool
}

func glances(r *study.Results, labels []string) []glance {
	var list []glance
	for _, o := range referenceFirst(&r.Study)[1:] {
		g := glance{Label: labels[o]}
		for _, f := range findings(r, o) {
			s := shift{f.Row.Name, "", f.Contrast.Diff > 0}
			if f.Points == len(r.Tables) {
				g.Always = append(g.Always, s)
				continue
			}
			if s.Where = "at " + f.Point.String(); f.Points > 1 {
				s.Where = fmt.Sprintf("at %d of %d points", f.Points, len(r.Tables))
			}
			g.Partly = append(g.Partly, s)
		}
		g.Verdict = unremarkable(r, o)
		list = append(list, g)
	}
	return list
}

// A fact is a setting by name.
type fact struct{ Name, Value string }

// facts are the settings at a glance.
func facts(s *study.Study, labels []string) []fact {
	var points []string
	for _, p := range s.Points {
		points = append(points, p.String())
	}
	for _, series := range s.Series {
		points = append(points, "and along "+series.String())
	}
	list := []fact{
		{"Task", s.Task}, {"Model", s.Model}, {"Optimizers", strings.Join(labels, ", ")},
		{"Seeds", fmt.Sprintf("%d, the same start, batches and noise for every optimizer", s.Seeds)},
		{"Points", strings.Join(points, ", ")}, {"Budget", s.Budget.String()},
	}
	if len(labels) > 1 {
		list = append(list, fact{"Reference", labels[s.Reference]})
	}
	return list
}
