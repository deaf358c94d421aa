package report

import (
	"fmt"
	"strings"

	"basin/study"
)

// settingsView is every setting that was used.
type settingsView struct {
	Optimizers []optimizerView
	Facts      []fact
	Probes     []string
	Headlines  string
	Command    string
}

type optimizerView struct {
	Short, Label, Recipe string
	Color, Dash          string
}

func newSettings(r *study.Results, g *gallery) settingsView {
	s := &r.Study
	v := settingsView{Probes: s.Probes, Headlines: strings.Join(s.Headlines, ", "), Command: command(s)}
	for o, opt := range s.Optimizers {
		dash := strings.Trim(fmt.Sprint(g.inks[o].dash), "[]")
		v.Optimizers = append(v.Optimizers, optimizerView{g.labels[o], opt.Label, opt.Recipe, g.inks[o].color, dash})
	}
	params, epoch := "-", "-"
	if len(r.Records) > 0 {
		params, epoch = fmt.Sprint(r.Records[0].Params), fmt.Sprint(r.Records[0].EpochSteps)
	}
	seeds := "1"
	if s.Seeds > 1 {
		seeds = fmt.Sprintf("1 to %d", s.Seeds)
	}
	v.Facts = []fact{
		{"Task", s.Task}, {"Model", s.Model}, {"Parameters", params}, {"Steps per epoch", epoch}, {"Budget", s.Budget.String()},
		{"Seeds", seeds}, {"Data hash", s.Data}, {"Kernel path", s.Kernel}, {"Engine revision", fmt.Sprint(s.Engine)},
	}
	return v
}

// command is the command that makes the study again, for a POSIX shell. It names
// optimizers by their labels, which are part of the results.
func command(s *study.Study) string {
	var labels, points []string
	for _, o := range s.Optimizers {
		labels = append(labels, o.Label)
	}
	for _, p := range s.Points {
		points = append(points, p.String())
	}
	for _, series := range s.Series {
		points = append(points, series.String())
	}
	lines := []string{
		"BASIN_KERNEL=" + s.Kernel + " basin compare",
		"--task " + quote(s.Task),
		"--model " + quote(s.Model),
		"--optimizers " + quote(strings.Join(labels, ", ")),
		fmt.Sprintf("--seeds %d", s.Seeds),
		"--at " + quote(strings.Join(points, ",")),
		"--budget " + quote(s.Budget.String()),
		"--probes " + quote(strings.Join(s.Probes, ", ")),
	}
	if len(labels) > 1 {
		lines = append(lines, "--reference "+quote(labels[s.Reference]))
	}
	return strings.Join(lines, " \\\n  ")
}

// quote makes s one word of a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
