package probe

import (
	"math"

	"basin/problem"
)

// A score is how well an objective's examples fare at a point.
type score struct {
	right        []float64 // 1 for each right prediction, else 0
	none         error     // why there is no right prediction
	each         int       // predictions per example
	loss, stderr float64
}

// scoreOf is the score of f at x.
func scoreOf(f problem.Objective[float64], x []float64, set string) (score, error) {
	o, err := predict(f, x, set)
	if err != nil {
		return score{}, err
	}
	s := score{each: o.Each}
	if s.right, s.none = o.right(); s.none != nil {
		s.right = make([]float64, o.N)
	}
	if losses := o.losses(); losses != nil {
		s.loss, s.stderr = meanErr(byExample(losses, o.Each))
	} else {
		s.loss, s.stderr = f.Loss(x), math.NaN()
	}
	return s, nil
}

// read takes the readings of one part of name_accuracy and name_loss.
func (s *score) read(p *Pass, name, of string) {
	if s.none == nil {
		share, stderr := proportion(s.right, s.each)
		p.Estimate(part(name+"_accuracy", of), share, stderr)
	} else {
		p.None(part(name+"_accuracy", of), s.none.Error())
	}
	p.Estimate(part(name+"_loss", of), s.loss, s.stderr)
}
