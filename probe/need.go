package probe

// Need gives a costly quantity, computed at its first use in a pass. The quantity
// is a comparable value that names what is wanted in full, such as
// Outputs{"test", 0}; two equal ones are one. The answer, an error too, is shared:
// no one changes it.
func Need[V any, Q interface {
	comparable
	Compute(p *Pass) (V, error)
}](p *Pass, q Q) (V, error) {
	type answer struct {
		value V
		err   error
	}
	if a, ok := p.known[q]; ok {
		a := a.(answer)
		return a.value, a.err
	}
	v, err := q.Compute(p)
	if p.known == nil {
		p.known = map[any]any{}
	}
	p.known[q] = answer{v, err}
	return v, err
}
