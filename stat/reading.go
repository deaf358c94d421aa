package stat

import (
	"encoding/json"
	"fmt"
	"math"
)

// A Reading is one measured number with what is needed to read it honestly.
//
// Value is finite, or NaN with the reason in None. Err is the standard error of
// the measurement, NaN where the value is exact or its error unknown. In JSON
// both NaNs are null, under the keys "value" and "err".
type Reading struct {
	Probe    string
	Name     string
	Value    float64
	Err      float64
	Unit     string
	None     string
	Warnings []string
}

// Exact is a reading without error of measurement.
func Exact(probe, name, unit string, v float64) Reading {
	return Estimate(probe, name, unit, v, math.NaN())
}

// Estimate is a reading with a standard error. A value that is not finite gives a
// reading without value; an error that is not finite is unknown.
func Estimate(probe, name, unit string, v, err float64) Reading {
	return Reading{Probe: probe, Name: name, Unit: unit, Value: v, Err: err}.normal()
}

// Undefined is a reading that has no value, and why.
func Undefined(probe, name, reason string) Reading {
	return Reading{Probe: probe, Name: name, Value: math.NaN(), Err: math.NaN(), None: reason}.normal()
}

// Defined says whether the reading has a value.
func (r Reading) Defined() bool { return r.None == "" && isFinite(r.Value) }

// normal makes the reading keep the rules in its type's comment.
func (r Reading) normal() Reading {
	if !isFinite(r.Value) && r.None == "" {
		r.None = fmt.Sprintf("the value is not finite (%v)", r.Value)
	}
	if r.None != "" {
		r.Value, r.Err = math.NaN(), math.NaN()
	}
	if !isFinite(r.Err) {
		r.Err = math.NaN()
	}
	return r
}

// readingJSON is a Reading as JSON has it: null stands for NaN.
type readingJSON struct {
	Probe    string   `json:"probe"`
	Name     string   `json:"name"`
	Value    *float64 `json:"value"`
	Err      *float64 `json:"err"`
	Unit     string   `json:"unit,omitempty"`
	None     string   `json:"none,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// MarshalJSON writes the reading; finite numbers come back to the same bits.
func (r Reading) MarshalJSON() ([]byte, error) {
	r = r.normal()
	return json.Marshal(readingJSON{r.Probe, r.Name, orNull(r.Value), orNull(r.Err), r.Unit, r.None, r.Warnings})
}

// UnmarshalJSON reads what MarshalJSON writes. A value that is null or absent
// without a reason is given one.
func (r *Reading) UnmarshalJSON(data []byte) error {
	var j readingJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*r = Reading{j.Probe, j.Name, orNaN(j.Value), orNaN(j.Err), j.Unit, j.None, j.Warnings}.normal()
	return nil
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func orNull(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}

func orNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}
