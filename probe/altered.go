package probe

import (
	"errors"
	"math"

	"basin/kernel"
	"basin/problem"
)

// A verdict is how an altered copy of a solution does on examples.
type verdict struct {
	loss, lossErr float64
	right         []float64 // of each prediction, 1 if it is the right class
	each          int       // predictions per example
	why           error     // that right is nil
}

// judge gives the verdict on x. An error means that it has no finite outputs.
func judge(f problem.Objective[float64], x []float64, set string) (verdict, error) {
	var v verdict
	if n, _ := examples(f); n == 0 {
		v.loss, v.lossErr = f.Loss(x), math.NaN()
		v.why = errors.New("the problem has no outputs per example")
		return v, nil
	}
	o, err := predict(f, x, set)
	if err != nil {
		return v, err
	}
	if each := o.losses(); each != nil {
		v.loss, v.lossErr = meanErr(byExample(each, o.Each))
	} else {
		v.loss, v.lossErr = f.Loss(x), math.NaN()
	}
	v.each = o.Each
	v.right, v.why = o.right()
	return v, nil
}

// read takes a reading of the accuracy.
func (v verdict) read(p *Pass, name string) {
	if v.why != nil {
		p.None(name, v.why.Error())
		return
	}
	share, stderr := proportion(v.right, v.each)
	p.Estimate(name, share, stderr)
}

// accuracy is the share of predictions that are right, NaN where there are no classes.
func (v verdict) accuracy() float64 { return kernel.Sum(v.right) / float64(len(v.right)) }
