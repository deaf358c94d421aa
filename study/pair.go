package study

// A Pair is what was measured between two solutions: of two runs at one point, or of one
// run at two. Which run comes first follows from their keys, so that a pair is the same
// whichever study asks for it.
type Pair struct {
	A Place `json:"a"`
	B Place `json:"b"`
	// Measured are by the measures' canonical recipes.
	Measured []Measurement `json:"measured"`
}

// A Place is where a solution stands: in which run, and at which point of it.
type Place struct {
	Key   string `json:"key"` // of the run
	Point Point  `json:"point"`
}

// less orders the two places of a pair.
func (p Place) less(q Place) bool {
	if p.Key != q.Key {
		return p.Key < q.Key
	}
	return p.Point.String() < q.Point.String()
}

// PairOf is the pair of two places, in order, with nothing measured.
func PairOf(a, b Place) Pair {
	if b.less(a) {
		a, b = b, a
	}
	return Pair{A: a, B: b}
}

// Measurement gives what the measure of a canonical recipe read, if it was asked; it may
// be changed.
func (p *Pair) Measurement(recipe string) (*Measurement, bool) {
	return measurement(p.Measured, recipe)
}
