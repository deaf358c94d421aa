package study

import (
	"encoding/json"
	"math"
	"strconv"
)

// Schema is the version of the form of Results; it rises when a field changes
// meaning or goes.
const Schema = 1

// Results is all that a study's records say: results.json is this struct. Cells
// are in the order of Study.Optimizers, values within a cell in that of seeds.
type Results struct {
	Schema int     `json:"schema"`
	Study  Study   `json:"study"`
	Tests  Tests   `json:"tests"`
	Tables []Table `json:"tables"`          // in the order of Study.Points
	Along  []Table `json:"along,omitempty"` // in that of Study.Along; not tested
	// Records are in the order of optimizers, then seeds.
	Records []*Record `json:"records"`
	Notes   []string  `json:"notes,omitempty"` // what a reader must know of the whole
	// Between is what lies between solutions; null where nothing was asked for.
	Between *Between `json:"between,omitempty"`
}

// Tests says how the differences were tested.
type Tests struct {
	Alpha     float64 `json:"alpha"`
	Family    int     `json:"family"`     // readings x points, of those with values, corrected for at once
	Contrasts int     `json:"contrasts"`  // optimizers compared with the reference
	SmallestP Num     `json:"smallest_p"` // that this many seeds can give, before Holm
	Enough    bool    `json:"enough"`     // whether SmallestP after Holm can be below Alpha
	SeedsFor  int     `json:"seeds_for"`  // the fewest seeds with which it can
}

// A Table is what was read at one point.
type Table struct {
	Point   Point `json:"point"`
	Reached []int `json:"reached"` // of each optimizer, how many seeds came to the point
	Rows    []Row `json:"rows"`
}

// A Row is one reading of every optimizer.
type Row struct {
	Probe string `json:"probe"`
	Name  string `json:"name"`
	Unit  string `json:"unit,omitempty"`
	// Headline rows belong to the family that is tested; the others are recorded
	// and shown, but not tested.
	Headline bool   `json:"headline"`
	Cells    []Cell `json:"cells"`
}

// A Cell is one reading of one optimizer over all seeds.
type Cell struct {
	Values   []Num     `json:"values"` // by seed; null where there is none
	Errs     []Num     `json:"errs"`   // standard errors of measurement
	N        int       `json:"n"`      // values there are
	Mean     Num       `json:"mean"`
	SD       Num       `json:"sd"`
	Lo       Num       `json:"lo"` // 95 % Student interval of the mean over seeds
	Hi       Num       `json:"hi"`
	None     string    `json:"none,omitempty"` // why there is no value at all
	Warnings []string  `json:"warnings,omitempty"`
	Contrast *Contrast `json:"contrast,omitempty"` // null for the reference and for rows not tested
}

// A Contrast is the paired difference, optimizer less reference, over the seeds
// where both have a value.
type Contrast struct {
	N    int    `json:"n"`
	Diff Num    `json:"diff"`           // mean difference
	Lo   Num    `json:"lo"`             // exact 95 % interval; null: unbounded with so few seeds
	Hi   Num    `json:"hi"`             //
	D    Num    `json:"d"`              // mean difference in its own standard deviations
	P    Num    `json:"p"`              // sign flips, this reading alone
	PMax Num    `json:"p_max"`          // joint sign flips, maximum statistic over the family
	PAdj Num    `json:"p_adj"`          // and Holm over contrasts: the one to go by
	None string `json:"none,omitempty"` // why it was not tested
}

// Differs reports whether the difference is significant at alpha after all
// corrections.
func (c *Contrast) Differs(alpha float64) bool { return c != nil && float64(c.PAdj) <= alpha }

// A Num is a number that JSON writes as null where there is none (NaN or
// infinite).
type Num float64

// None is the Num that stands for no number.
var None = Num(math.NaN())

// Ok reports whether there is a number.
func (n Num) Ok() bool { return !math.IsNaN(float64(n)) && !math.IsInf(float64(n), 0) }

func (n Num) MarshalJSON() ([]byte, error) {
	if !n.Ok() {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', -1, 64), nil
}

func (n *Num) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = None
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}
