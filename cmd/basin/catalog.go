package main

import (
	"slices"
	"strconv"
	"strings"

	"basin/nn"
	"basin/optim"
	"basin/probe"
	"basin/recipe"
	"basin/task"
)

// A page is what a catalogue says of one of its names.
type page struct {
	Name    string         `json:"name"`
	Kind    string         `json:"kind"`  // optimizer, schedule, task, model or probe
	Group   string         `json:"group"` // within its kind, by which lists are sorted into parts
	Summary string         `json:"summary"`
	Aliases []string       `json:"aliases,omitempty"`
	Facts   []fact         `json:"facts,omitempty"`
	Params  []recipe.Param `json:"arguments"`
	Example string         `json:"example,omitempty"`
	command string         // that runs the example
}

// A fact is a titled paragraph of a page.
type fact struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// kinds are the catalogues, in the order in which basin list names them.
var kinds = []struct {
	plural string
	pages  func() []page
}{
	{"optimizers", optimizerPages},
	{"tasks", taskPages},
	{"models", modelPages},
	{"probes", probePages},
}

func optimizerPages() []page {
	var pages []page
	for _, name := range optim.Names() {
		d, _ := optim.Describe(name)
		pages = append(pages, optimizerPage("optimizer", d))
	}
	slices.SortStableFunc(pages, func(a, b page) int {
		return slices.Index(optim.Families, a.Group) - slices.Index(optim.Families, b.Group)
	})
	for _, d := range optim.Schedules() {
		d.Family = "instead of a number"
		pages = append(pages, optimizerPage("schedule", d))
	}
	return pages
}

func optimizerPage(kind string, d optim.Doc) page {
	p := page{Name: d.Name, Kind: kind, Group: d.Family, Summary: d.Summary, Aliases: d.Aliases, Params: d.Params, Example: d.Example}
	p.add("equations", d.Equations)
	p.add("source", d.Source)
	p.add("conventions", strings.Join(d.Notes, "\n"))
	p.add("blocks", d.Blocks)
	p.add("clipping", d.Clipping)
	p.add("weight decay", d.Decay)
	p.add("eps", d.Epsilon)
	p.add("bias correction", d.Correction)
	p.add("ends at", d.EndsAt)
	p.add("answers with", d.Answer)
	p.add("memory", d.Memory)
	p.add("evaluations per step", evaluations(d))
	var same []string
	for _, i := range d.Invariances {
		same = append(same, string(i))
	}
	p.add("does not notice", strings.Join(same, ", "))
	p.command = "basin compare --optimizers '" + d.Example + "' --seeds 1"
	return p
}

// evaluations tells what a step takes, at the defaults and on average.
func evaluations(d optim.Doc) string {
	if d.Family == "schedule" || d.Family == "instead of a number" {
		return ""
	}
	text := count(d.Gradients, "gradient")
	if d.Products > 0 {
		text += " and " + count(d.Products, "product") + " with a curvature matrix"
	}
	if d.Family == "combination" {
		text += ", shared by the parts"
	}
	return text
}

// count is a number of things.
func count(n float64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.FormatFloat(n, 'g', 4, 64) + " " + thing + "s"
}

func taskPages() []page {
	var pages []page
	for _, d := range task.Docs() {
		p := page{Name: d.Name, Kind: "task", Group: d.Group, Summary: d.Summary, Params: d.Params, Example: d.Name}
		quoted := d.Name
		if d.Example != "" {
			p.Example, quoted = d.Example, "'"+d.Example+"'"
		}
		p.add("notes", strings.Join(d.Notes, "\n"))
		p.command = "basin compare --task " + quoted + " --seeds 1"
		if d.Files {
			p.command += " --data DIR"
		}
		pages = append(pages, p)
	}
	return pages
}

func modelPages() []page {
	var pages []page
	for _, e := range nn.Catalog {
		p := page{
			Name: e.Name, Kind: "model", Summary: e.Help, Params: recipe.Describe(e.New()), Example: e.Example,
			command: "basin compare " + e.Example + " --seeds 1",
		}
		p.add("equations", e.Equations)
		p.add("source", e.Source)
		p.add("notes", strings.Join(e.Notes, "\n"))
		pages = append(pages, p)
	}
	return pages
}

func probePages() []page {
	var pages []page
	for _, name := range probe.Names() {
		d, params, err := probe.Describe(name)
		if err != nil {
			panic("basin: the probes' catalogue does not describe its own: " + err.Error())
		}
		p := page{Name: d.Name, Kind: "probe", Group: d.Family, Summary: d.Summary, Params: params, Example: d.Name}
		p.add("pairs", pairings[d.Pairs])
		for _, r := range d.Readings {
			text := r.Formula
			for _, more := range []struct{ title, text string }{
				{"unit", r.Unit}, {"of a solution with itself", same(d, &r)}, {"null", r.Null}, {"parts", r.Parts}, {"unchanged by", r.Invariant.String()},
			} {
				if more.text != "" {
					text += "\n" + more.title + ": " + more.text
				}
			}
			p.add(r.Name, text)
		}
		p.add("source", d.Source)
		p.add("needs", d.Needs)
		p.add("cost", d.Cost)
		p.add("notes", strings.Join(d.Notes, "\n"))
		p.command = "basin compare --probes " + d.Name + " --seeds 1"
		pages = append(pages, p)
	}
	slices.SortStableFunc(pages, func(a, b page) int {
		return slices.Index(probe.Families, a.Group) - slices.Index(probe.Families, b.Group)
	})
	return pages
}

// pairings tells between which solutions a measure is taken.
var pairings = map[probe.Pairing]string{
	probe.Everyone: "every two solutions at one point of training",
	probe.Kin:      "solutions at one point of training that share the seed or the optimizer",
	probe.Course:   "the solutions of one run at points that follow one another in --at",
}

// same is the value of a reading between a solution and itself; what lies between kin is
// told by its null values.
func same(d *probe.Doc, r *probe.Reading) string {
	if d.Pairs == "" || d.Pairs == probe.Kin {
		return ""
	}
	return strconv.FormatFloat(r.Same, 'g', -1, 64)
}

// add gives the page a fact, unless there is nothing to say.
func (p *page) add(title, text string) {
	if text != "" {
		p.Facts = append(p.Facts, fact{title, text})
	}
}

// find gives the pages of a name or alias, of whatever kinds; the name of a reading
// stands for its probe.
func find(name string) ([]page, error) {
	name = strings.ReplaceAll(name, "-", "_")
	var found []page
	var known []string
	for _, k := range kinds {
		for _, p := range k.pages() {
			if p.Name == name || slices.Contains(p.Aliases, name) {
				found = append(found, p)
			}
			known = append(append(known, p.Name), p.Aliases...)
		}
	}
	if found != nil {
		return found, nil
	}
	for _, d := range probe.Docs() {
		for _, r := range d.Readings {
			if r.Name == name {
				return find(d.Name)
			}
			known = append(known, r.Name)
		}
	}
	return nil, usagef("%s; see basin list", recipe.Unknown("name", name, known))
}
