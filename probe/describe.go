package probe

import "strings"

// An Invariance is a set of changes to a solution that leave its function as it is,
// and under which a reading does not change either.
type Invariance uint8

const (
	// Permutation renumbers the units of a hidden layer, at the start and at the
	// solution alike.
	Permutation Invariance = 1 << iota
	// Rescaling multiplies a ReLU layer's weights and biases by a > 0 and the next
	// layer's weights by 1/a.
	Rescaling
	// Rotation turns what a hidden layer of a linear network puts out, and the next
	// layer's weights back, at the start and at the solution alike.
	Rotation
)

func (v Invariance) String() string {
	var names []string
	if v&Permutation != 0 {
		names = append(names, "permutation of hidden units")
	}
	if v&Rescaling != 0 {
		names = append(names, "rescaling of ReLU layers")
	}
	if v&Rotation != 0 {
		names = append(names, "rotation of linear layers")
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}

// A Reading is what a probe declares of one of its readings.
type Reading struct {
	Name    string `json:"name"`
	Formula string `json:"formula"`
	Unit    string `json:"unit,omitempty"`
	// Null is the value where there is nothing to see, such as that of Gaussian
	// weights, or says how it is found.
	Null      string     `json:"null"`
	Invariant Invariance `json:"invariant"`
	// Parts says what the parts after a slash are, if there are any.
	Parts string `json:"parts,omitempty"`
	// Headline readings make up the default table and the family that is tested. Of those
	// between solutions, maps are drawn and tested.
	Headline bool `json:"headline,omitempty"`
	// Same is the value between a solution and itself: 0 of a distance, 1 of a similarity.
	Same float64 `json:"same,omitempty"`
}

// Families are the kinds of properties, in the order of lists. Measures between solutions
// belong to the last, and probes of single ones to the others.
var Families = []string{"function", "curvature", "weights", "representations", "path", "streams", between}

const between = "between solutions"

// untrained is the Null of readings that have no value of their own to be held against.
const untrained = "that of the untrained network, read at steps=0"

// A Doc is what a probe says of itself.
type Doc struct {
	Name    string `json:"name"`
	Family  string `json:"family"` // one of Families
	Summary string `json:"summary"`
	// Pairs says between which solutions it measures; empty of a probe of single ones.
	Pairs    Pairing   `json:"pairs,omitempty"`
	Readings []Reading `json:"readings"`
	Source   string    `json:"source,omitempty"`
	Needs    string    `json:"needs"`
	Cost     string    `json:"cost"`
	Notes    []string  `json:"notes,omitempty"`
}

// reading gives the declaration of a reading, by its full name.
func (d *Doc) reading(name string) *Reading {
	for i := range d.Readings {
		if d.Readings[i].Name == stem(name) {
			return &d.Readings[i]
		}
	}
	return nil
}

// MarshalText writes an Invariance as String has it.
func (v Invariance) MarshalText() ([]byte, error) { return []byte(v.String()), nil }
