package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"strings"

	"basin/study"
)

//go:embed page/*.html page/style.css page/charts.js assets/*.min.js assets/LICENSES.md
var files embed.FS

// pages is parsed once; the files are part of the program.
var pages = template.Must(template.New("").Funcs(template.FuncMap{"count": count}).ParseFS(files, "page/*.html"))

// scripts are those of the page, in the order in which they must run.
var scripts = []string{"assets/vega.min.js", "assets/vega-lite.min.js", "assets/vega-embed.min.js", "page/charts.js"}

// HTML writes the report: one page that needs nothing beside it, with tables that
// stand for themselves and charts drawn by Vega-Lite. The page's policy lets the
// four scripts written into it run and refuses all else: any other script, and any
// request.
func HTML(w io.Writer, r *study.Results) error {
	p, err := newPage(r)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, "page.html", p); err != nil {
		return err
	}
	_, err = w.Write(out.Bytes())
	return err
}

// A page is what the templates show.
type page struct {
	Title, Question string
	Optimizers      []string // by their short labels
	Policy          string
	Style           template.CSS
	Glance          []glance
	Notes           []string
	Facts           []fact
	Tables          []pageTable
	Streams         []streamTable
	Fairness        fairness
	Losses          []chart
	Strips          []chartRow
	Alongs          []chart
	Curves          []chart
	Between         *betweenView // nil where nothing was measured
	Runs            pageRuns
	Settings        settingsView
	Licences        string
	Data            template.JS
	Scripts         []template.JS
}

// A chartRow is a row of charts, or more where they do not fit.
type chartRow struct{ Charts []chart }

func newPage(r *study.Results) (*page, error) {
	labels := shortLabels(r.Study.Optimizers)
	g := newGallery(r, labels)
	p := &page{
		Title: headline(&r.Study), Question: question(&r.Study, labels),
		Optimizers: labels,
		Style:      template.CSS(file("page/style.css")),
		Glance:     glances(r, labels),
		Notes:      sentences(r),
		Facts:      facts(&r.Study, labels),
		Streams:    newStreams(r, labels),
		Fairness:   newFairness(r, labels),
		Losses:     g.losses(r),
		Strips:     g.strips(r),
		Alongs:     g.alongs(r),
		Runs:       newRuns(r, labels),
		Settings:   newSettings(r, g),
		Licences:   file("assets/LICENSES.md"),
	}
	for i := range r.Tables {
		t := &r.Tables[i]
		p.Tables = append(p.Tables, newPageTable(r, t, labels))
		for _, f := range families(t) {
			p.Curves = append(p.Curves, g.curve(f, t.Point))
		}
	}
	p.Between = newBetween(r, g)
	data, err := g.data()
	if err != nil {
		return nil, err
	}
	p.Data = template.JS(data)
	policy := []string{"default-src 'none'", "style-src 'unsafe-inline'", "img-src data: blob:", "script-src"}
	for _, name := range scripts {
		script := file(name)
		if at := strings.Index(script, "//# sourceMappingURL"); at >= 0 {
			script = script[:at]
		}
		sum := sha256.Sum256([]byte(script))
		policy[len(policy)-1] += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		p.Scripts = append(p.Scripts, template.JS(script))
	}
	p.Policy = strings.Join(policy, "; ")
	return p, nil
}

// strips draws each headline reading at every point that has it, a row for each reading;
// where there is one point alone, all stand in one row.
func (g *gallery) strips(r *study.Results) []chartRow {
	var rows []chartRow
	type id struct{ probe, name string }
	at := map[id]int{}
	for i := range r.Tables {
		for _, row := range headlines(&r.Tables[i]) {
			key := id{row.Probe, row.Name}
			k, seen := at[key]
			if !seen && (len(rows) == 0 || len(r.Tables) > 1) {
				k = len(rows)
				at[key] = k
				rows = append(rows, chartRow{})
			}
			rows[k].Charts = append(rows[k].Charts, g.strip(r, r.Tables[i].Point, row))
		}
	}
	return rows
}

// file is the text of an embedded file.
func file(name string) string {
	body, err := files.ReadFile(name)
	if err != nil {
		panic("report: a file that is part of the program is missing: " + err.Error())
	}
	return string(body)
}
