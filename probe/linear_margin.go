package probe

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"

	"basin/kernel"
	"basin/problem"
)

var linearMarginDoc = Doc{
	Name:    "linear_margin",
	Family:  "function",
	Summary: "The margin of a linear decision between two classes, in three norms, beside the largest one there is.",
	Readings: []Reading{
		{Name: "linear_margin", Formula: "min_i y_i w.x_i / |w|_p over the training examples, w the weights of the inputs in the output", Null: "the largest there is, for a maximum-margin solution", Invariant: Permutation | Rescaling | Rotation, Parts: "l1, l2, linf: the norm"},
		{Name: "linear_margin_ratio", Formula: "linear_margin / max_w min_i y_i w.x_i / |w|_p", Null: "1 at most; below 0 where an example is on the wrong side", Invariant: Permutation | Rescaling | Rotation, Parts: "l1, l2, linf: the norm"},
	},
	Source: "Gunasekar et al. 2018, arXiv 1802.08246; distance to a cone: Lawson & Hanson 1974, Solving least squares problems, ch. 23",
	Needs:  "inputs that are numbers, one output that is a linear function of them without a constant, two classes, logistic or exponential loss",
	Cost:   "one evaluation of the training set; for the ratios two linear programs and a least squares problem, of 1,000 examples and 64 inputs at most",
	Notes: []string{
		"w is what the network answers to each unit vector, so that any linear network will do, deep or not. The largest margins in l1 and linf are by the simplex algorithm, that in l2 by non-negative least squares: exact up to rounding.",
		"A part is in the norm of w: each method of steepest descent comes to a ratio of 1 in its own norm.",
	},
}

type linearMargin struct{}

// mostExamples and mostFeatures bound the problems that are solved for the largest
// margin.
const mostExamples, mostFeatures = 1000, 64

func (linearMargin) Measure(p *Pass) error {
	in, err := Need(p, Inputs{"train", 0})
	if err != nil {
		return err
	}
	o, err := Need(p, Outputs{"train", 0})
	if err != nil {
		return err
	}
	if err := o.classes(); err != nil {
		return err
	}
	if !o.binary() || o.Each > 1 {
		return errors.New("there is more than one output")
	}
	w, err := inputWeights(p, in, o)
	if err != nil {
		return err
	}
	signed := mat.NewDense(in.N, in.Size, nil) // y_i x_i
	least := math.Inf(1)
	for i, y := range o.Labels {
		row := signed.RawRowView(i)
		kernel.Axpy(row, sign(y), in.Row(i))
		least = min(least, kernel.Dot(row, w))
	}
	for _, norm := range []struct {
		name    string
		of      func([]float64) float64
		largest func(*mat.Dense) (float64, error)
	}{{"l1", l1, largestL1}, {"l2", kernel.Norm2[float64], largestL2}, {"linf", kernel.AbsMax[float64], largestLinf}} {
		margin := least / norm.of(w)
		p.Exact(part("linear_margin", norm.name), margin)
		name := part("linear_margin_ratio", norm.name)
		if in.N > mostExamples || in.Size > mostFeatures {
			p.None(name, fmt.Sprintf("the largest margin is not computed of more than %d examples or %d inputs", mostExamples, mostFeatures))
			continue
		}
		switch largest, err := norm.largest(signed); {
		case err != nil:
			p.None(name, "the largest margin was not found: "+err.Error())
		case !(largest > 0):
			p.None(name, "no plane through zero separates the classes")
		default:
			p.Exact(name, margin/largest)
		}
	}
	return nil
}

// inputWeights gives the w of an output w.x.
func inputWeights(p *Pass, in *InputSet, o *Predictions) ([]float64, error) {
	s, ok := problem.As[problem.Subsetter[float64]](p.Sets["train"])
	if !ok {
		return nil, errors.New("the problem has no parts")
	}
	f, ok := problem.As[problem.Inputs[float64]](s.Subset(make([]int, in.Size)))
	if !ok {
		return nil, errors.New("parts of the problem show no inputs")
	}
	unit := make([]float64, in.Size*in.Size)
	for j := range in.Size {
		unit[j*in.Size+j] = 1
	}
	answers, err := predict(f.WithInputs(unit), p.X, "train")
	if err != nil {
		return nil, err
	}
	w := answers.Z
	if kernel.AbsMax(w) == 0 {
		return nil, errors.New("the output does not depend on the inputs")
	}
	for i := range in.N {
		size := kernel.Norm2(w) * kernel.Norm2(in.Row(i))
		if math.Abs(o.Z[i]-kernel.Dot(w, in.Row(i))) > 100*p.Eps*size {
			return nil, errors.New("the output is no linear function of the inputs without a constant")
		}
	}
	return w, nil
}

// largestL1 is max over |w|_1 <= 1 of the least entry of A w: the value of the game of
// the rows of A against its columns and their negatives.
func largestL1(a *mat.Dense) (float64, error) {
	n, d := a.Dims()
	lift := 1 + kernel.AbsMax(a.RawMatrix().Data) // makes all payoffs positive
	// max sum v, v >= 0, with (B + lift)'v <= 1: v mixes the rows, and the value of the
	// lifted game is 1 / sum v. The slacks are a basis to begin with.
	m := mat.NewDense(2*d, n+2*d, nil)
	cost, right, basis := make([]float64, n+2*d), make([]float64, 2*d), make([]int, 2*d)
	for i := range n {
		cost[i] = -1
		for j := range d {
			m.Set(j, i, lift+a.At(i, j))
			m.Set(d+j, i, lift-a.At(i, j))
		}
	}
	for j := range 2 * d {
		m.Set(j, n+j, 1)
		right[j], basis[j] = 1, n+j
	}
	least, _, err := lp.Simplex(cost, m, right, 0, basis)
	return -1/least - lift, err
}

// largestLinf is max over |w|_inf <= 1 of the least entry of A w, which is the least
// |A'u|_1 of a mean u of rows.
func largestLinf(a *mat.Dense) (float64, error) {
	n, d := a.Dims()
	// min sum (s + t) with A'u - s + t = 0, sum u = 1. The first row is a mean, with
	// which s or t is known.
	m := mat.NewDense(d+1, n+2*d, nil)
	cost, right, basis := make([]float64, n+2*d), make([]float64, d+1), make([]int, d+1)
	for i := range n {
		m.Set(d, i, 1)
		for j := range d {
			m.Set(j, i, a.At(i, j))
		}
	}
	right[d] = 1
	for j := range d {
		m.Set(j, n+j, -1)
		m.Set(j, n+d+j, 1)
		cost[n+j], cost[n+d+j] = 1, 1
		basis[j] = n + j
		if a.At(0, j) < 0 {
			basis[j] = n + d + j
		}
	}
	least, _, err := lp.Simplex(cost, m, right, 0, basis)
	return least, err
}

// largestL2 is max over |w|_2 <= 1 of the least entry of A w. The least w with A w >= 1
// is -r / r_0, where (r, r_0) is the residual of the least squares problem
// A'u = 0, sum u = 1 for u >= 0.
func largestL2(a *mat.Dense) (float64, error) {
	n, d := a.Dims()
	e := mat.NewDense(d+1, n, nil)
	for i := range n {
		for j := range d {
			e.Set(j, i, a.At(i, j))
		}
		e.Set(d, i, 1)
	}
	f := mat.NewVecDense(d+1, nil)
	f.SetVec(d, 1)
	u, err := nonNegative(e, f)
	if err != nil {
		return 0, err
	}
	r := mat.NewVecDense(d+1, nil)
	r.MulVec(e, u)
	r.SubVec(r, f)
	last := -r.AtVec(d)
	if last < 1e-10 { // zero where A'u = 0 has a solution
		return 0, nil
	}
	return last / mat.Norm(r.SliceVec(0, d), 2), nil
}

// nonNegative minimises |E u - f| over u >= 0 by the algorithm NNLS of Lawson and
// Hanson.
func nonNegative(e *mat.Dense, f *mat.VecDense) (*mat.VecDense, error) {
	rows, n := e.Dims()
	u, free := mat.NewVecDense(n, nil), []int(nil)
	isFree := make([]bool, n)
	for range 10 * n {
		r, g := mat.NewVecDense(rows, nil), mat.NewVecDense(n, nil)
		r.MulVec(e, u)
		r.SubVec(f, r)
		g.MulVec(e.T(), r)
		next := -1
		for i := range n {
			if !isFree[i] && g.AtVec(i) > 1e-12*mat.Norm(e, 2) && (next < 0 || g.AtVec(i) > g.AtVec(next)) {
				next = i
			}
		}
		if next < 0 {
			return u, nil
		}
		isFree[next], free = true, append(free, next)
		for {
			z, err := combine(e, f, free)
			if err != nil {
				return nil, err
			}
			// Go towards z as far as all stay non-negative, and hold those that are zero.
			step := 1.
			for k, i := range free {
				if v := z.AtVec(k); v <= 0 {
					step = min(step, u.AtVec(i)/(u.AtVec(i)-v))
				}
			}
			var left []int
			for k, i := range free {
				v := u.AtVec(i) + step*(z.AtVec(k)-u.AtVec(i))
				if step < 1 && v <= 1e-14 {
					v, isFree[i] = 0, false
				} else {
					left = append(left, i)
				}
				u.SetVec(i, v)
			}
			free = left
			if step == 1 {
				break
			}
		}
	}
	return nil, errors.New("too many steps")
}

// combine minimises |E z - f| over combinations of some columns.
func combine(e *mat.Dense, f *mat.VecDense, columns []int) (*mat.VecDense, error) {
	rows, _ := e.Dims()
	part := mat.NewDense(rows, len(columns), nil)
	for k, i := range columns {
		part.SetCol(k, mat.Col(nil, i, e))
	}
	z := new(mat.VecDense)
	if err := z.SolveVec(part, f); err != nil {
		return nil, err
	}
	return z, nil
}
