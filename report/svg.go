package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"basin/study"
)

// The picture's measures, in pixels.
const (
	svgWidth  = 800
	svgRow    = 34 // height of an optimizer's row
	svgTop    = 58 // above the first row: the panel's title
	svgBottom = 60 // below the last: the axis and how to read it
	svgGap    = 26 // between panels
	svgLetter = 7.3
)

// SVG draws a picture for a document: for each of the readings called names, at one
// point, a panel with a row per optimizer, a dot for each seed, the mean and its
// 95 % interval, and a line at the reference's mean. It reports an error where the
// results have no such point or reading.
func SVG(w io.Writer, r *study.Results, at study.Point, names []string) error {
	i := slices.IndexFunc(r.Tables, func(t study.Table) bool { return t.Point == at })
	if i < 0 {
		return fmt.Errorf("report: the results have no point %s", at)
	}
	var rows []*study.Row
	for _, name := range names {
		k := slices.IndexFunc(r.Tables[i].Rows, func(row study.Row) bool { return row.Name == name })
		if k < 0 {
			return fmt.Errorf("report: the results have no reading %q at %s", name, at)
		}
		rows = append(rows, &r.Tables[i].Rows[k])
	}
	if len(rows) == 0 {
		return fmt.Errorf("report: a picture needs at least one reading")
	}
	_, err := io.WriteString(w, newPicture(r, at, rows).draw())
	return err
}

// A picture is panels side by side, with one column of labels to their left.
type picture struct {
	strings.Builder
	r      *study.Results
	at     study.Point
	rows   []*study.Row
	labels []string
	inks   []ink
	margin float64 // of the labels
	height float64
}

func newPicture(r *study.Results, at study.Point, rows []*study.Row) *picture {
	p := &picture{r: r, at: at, rows: rows, labels: shortLabels(r.Study.Optimizers), inks: inks(&r.Study)}
	for _, label := range p.labels {
		p.margin = math.Max(p.margin, 16+svgLetter*float64(cols(label)))
	}
	p.height = svgTop + svgRow*float64(len(p.labels)) + svgBottom
	return p
}

func (p *picture) draw() string {
	p.put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %g" width="%d" height="%g" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif" font-size="13" role="img">`,
		svgWidth, p.height, svgWidth, p.height)
	var named []string
	for _, row := range p.rows {
		named = append(named, row.Name)
	}
	p.put(`<title>%s at %s: a dot for each seed, means with 95 %% intervals</title>`, escape(enumerate(named)), escape(p.at.String()))
	p.put(`<rect width="%d" height="%g" rx="6" fill="#fff"/>`, svgWidth, p.height)
	for o, label := range p.labels {
		p.put(`<text x="%s" y="%s" text-anchor="end" fill="%s">%s</text>`, px(p.margin-6), px(p.y(o)+4.5), "#1c1c1c", escape(label))
	}
	n := float64(len(p.rows))
	width := (svgWidth - p.margin - 16 - svgGap*(n-1)) / n
	for i, row := range p.rows {
		p.panel(row, p.margin+float64(i)*(width+svgGap), width)
	}
	p.put(`<text x="%s" y="%s" font-size="12" fill="#5f5f5f">%s</text>`, px(16), px(p.height-14), escape(p.caption()))
	p.put(`</svg>`)
	return p.String()
}

// caption says how to read the picture.
func (p *picture) caption() string {
	text := "Dot: one seed. Diamond and bar: mean and its 95 % interval."
	if len(p.labels) > 1 {
		text += " ↑* ↓* differs from " + p.labels[p.r.Study.Reference] + " (dashed), corrected for all tests."
	}
	return text
}

// y is the middle of an optimizer's row.
func (p *picture) y(o int) float64 { return svgTop + svgRow*(float64(o)+0.5) }

// panel draws one reading between left and left+width.
func (p *picture) panel(row *study.Row, left, width float64) {
	low, high := extent(row)
	ticks := niceTicks(low, high, 4)
	low, high = low-0.06*(high-low), high+0.1*(high-low)
	x := func(v float64) float64 { return left + (v-low)/(high-low)*width }
	bottom := p.y(len(p.labels)-1) + svgRow/2
	p.put(`<text x="%s" y="26" font-weight="600" fill="#1c1c1c">%s</text>`, px(left), escape(title(row)))
	p.put(`<text x="%s" y="44" font-size="12" fill="#5f5f5f">at %s</text>`, px(left), escape(p.at.String()))
	s := tickScale(ticks)
	for _, tick := range ticks {
		p.put(`<path d="M%s %d V%s" stroke="#e4e4e4"/>`, px(x(tick)), svgTop, px(bottom))
		p.put(`<text x="%s" y="%s" text-anchor="middle" font-size="12" fill="#444">%s</text>`, px(x(tick)), px(bottom+18), s.wrap(s.digits(tick)))
	}
	p.put(`<path d="M%s %s H%s" stroke="#999"/>`, px(left), px(bottom), px(left+width))
	if ref := &row.Cells[p.r.Study.Reference]; ref.N > 0 && len(row.Cells) > 1 {
		p.put(`<path d="M%s %d V%s" stroke="#777" stroke-dasharray="4 3"/>`, px(x(float64(ref.Mean))), svgTop, px(bottom))
	}
	for o := range row.Cells {
		p.cell(&row.Cells[o], o, x, left)
	}
}

// cell draws the seeds, interval and mean of one optimizer.
func (p *picture) cell(c *study.Cell, o int, x func(float64) float64, left float64) {
	y, color := p.y(o), p.inks[o].color
	if c.N == 0 {
		p.put(`<text x="%s" y="%s" font-size="12" font-style="italic" fill="#777">no value</text>`, px(left+4), px(y+4))
		return
	}
	for i, v := range c.Values {
		if v.Ok() {
			offset := (float64(i)+0.5)/float64(len(c.Values)) - 0.5
			p.put(`<circle cx="%s" cy="%s" r="2.6" fill="%s" fill-opacity=".5"/>`, px(x(float64(v))), px(y+offset*svgRow*0.7), color)
		}
	}
	if c.Lo.Ok() {
		p.put(`<path d="M%s %s H%s" stroke="%s" stroke-width="2.5"/>`, px(x(float64(c.Lo))), px(y), px(x(float64(c.Hi))), color)
	}
	mean := x(float64(c.Mean))
	p.put(`<path d="M%s %s l6 6 l-6 6 l-6 -6 z" fill="%s" stroke="#fff"/>`, px(mean), px(y-6), color)
	if mark := arrow(c.Contrast, p.r.Tests.Alpha); mark != "" {
		at := mean
		for _, v := range c.Values {
			if v.Ok() {
				at = math.Max(at, x(float64(v)))
			}
		}
		p.put(`<text x="%s" y="%s" font-weight="600" fill="#1c1c1c">%s</text>`, px(math.Max(at, x(float64(c.Hi)))+7), px(y+4.5), mark)
	}
}

// put writes one line.
func (p *picture) put(format string, args ...any) {
	fmt.Fprintf(p, format, args...)
	p.WriteByte('\n')
}

// extent is the range of all values and intervals of a row.
func extent(row *study.Row) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, c := range row.Cells {
		for _, v := range append(slices.Clone(c.Values), c.Mean, c.Lo, c.Hi) {
			if v.Ok() {
				low, high = math.Min(low, float64(v)), math.Max(high, float64(v))
			}
		}
	}
	switch {
	case low > high:
		return 0, 1
	case low == high:
		return low - 0.5, high + 0.5
	}
	return low, high
}

// niceTicks gives about n multiples of 1, 2 or 5 times a power of ten in a range.
func niceTicks(low, high float64, n int) []float64 {
	raw := (high - low) / float64(n)
	power := math.Pow10(int(math.Floor(math.Log10(raw))))
	step := 10 * power
	for _, k := range []float64{1, 2, 5} {
		if k*power >= raw {
			step = k * power
			break
		}
	}
	var ticks []float64
	for k := math.Ceil(low / step); k*step <= high; k++ {
		ticks = append(ticks, k*step)
	}
	return ticks
}

// tickScale writes ticks with the digits that tell them apart.
func tickScale(ticks []float64) scale {
	if len(ticks) < 2 {
		return scaleOf(math.Abs(ticks[0])/10, ticks...)
	}
	s := scaleOf(ticks[1]-ticks[0], ticks...)
	s.places--
	return s
}

// px writes a coordinate.
func px(x float64) string { return plain(math.Round(x*10)/10, 6) }

// escape makes s safe within XML.
func escape(s string) string {
	var out strings.Builder
	xml.EscapeText(&out, []byte(s))
	return out.String()
}
