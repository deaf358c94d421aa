package report

import (
	"math"
	"slices"

	"basin/study"
)

// half is half the interval of a cell's mean, or its standard deviation where there
// is no interval, or NaN where one value has neither.
func half(c *study.Cell) float64 {
	switch {
	case c.Lo.Ok() && c.Hi.Ok():
		return float64(c.Hi-c.Lo) / 2
	case c.SD.Ok():
		return float64(c.SD)
	}
	return math.NaN()
}

// rowScale is the scale that suits most cells of a row: that of the median error.
func rowScale(row *study.Row) scale {
	var means, errs []float64
	for i := range row.Cells {
		c := &row.Cells[i]
		if err := half(c); c.N > 0 && finite(err) && err > 0 {
			means, errs = append(means, float64(c.Mean)), append(errs, err)
		}
	}
	if len(errs) == 0 {
		return scale{}
	}
	slices.Sort(errs)
	return scaleOf(errs[len(errs)/2], means...)
}

// arrow is the direction of a contrast that is significant, else empty.
func arrow(c *study.Contrast, alpha float64) string {
	switch {
	case !c.Differs(alpha):
		return ""
	case c.Diff < 0:
		return "↓*"
	}
	return "↑*"
}

// title names a row and its unit.
func title(row *study.Row) string {
	if row.Unit == "" {
		return row.Name
	}
	return row.Name + " (" + row.Unit + ")"
}
