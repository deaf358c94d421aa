package task

import (
	"basin/data"
	"basin/nn"
	"basin/problem"
	"basin/rng"
)

var quadraticDoc = Doc{
	Name: "quadratic", Group: closedForm,
	Summary: "A quadratic bowl, f(x) = (x-c)'A(x-c)/2, from x ~ N(0, I).",
	Notes: []string{
		"The eigenvalues of A are evenly spaced in log from 1/condition to 1; c ~ N(0, I) and the axes belong to the data, the start to the seed.",
		"With noise, step t descends f(x) + noise*e.(x-c), e ~ N(0, I) drawn from the seed and t: its gradient is that of f with noise of covariance noise^2 I.",
		"The point is one block of weights named x, a vector. There is no network, and no validation or test set.",
	},
}

type quadratic struct {
	Dim       int     `arg:"dim" default:"10" valid:"[1,1024]" help:"dimensions of x"`
	Condition float64 `arg:"condition" default:"100" valid:"[1,1e12]" help:"largest eigenvalue over the smallest; 1 where dim is 1"`
	Noise     float64 `arg:"noise" default:"0" valid:"[0,inf)" help:"standard deviation of each entry of the gradient"`
	Rotate    bool    `arg:"rotate" default:"true" help:"turn the axes away from the coordinates, at random"`
	DataSeed  int     `arg:"data_seed" default:"0" valid:"[0,inf)" help:"seed of c and the axes"`
}

func (*quadratic) network() network { return network{} }

func (q *quadratic) load(string, *nn.Net) (*Data, error) {
	f := data.NewQuadratic(q.Dim, q.Condition, q.Rotate, uint64(q.DataSeed))
	return &Data{
		hash: f.Hash(),
		quad: f,
		single: func(seed uint64) (*problem.Problem[float32], error) {
			return newQuadratic[float32](f, q.Noise, seed), nil
		},
		double: func(seed uint64) (*problem.Problem[float64], error) {
			return newQuadratic[float64](f, q.Noise, seed), nil
		},
	}, nil
}

func newQuadratic[T problem.Float](f *data.Quadratic, noise float64, seed uint64) *problem.Problem[T] {
	bowl := newBowl[T](f, false)
	p := &problem.Problem[T]{
		Layout:  bowl.layout,
		Start:   make([]T, f.Dim),
		Sets:    map[string]problem.Objective[T]{"train": bowl},
		Match:   bowl,
		Optimum: new(float64),
	}
	s := rng.At(seed, "start", 0)
	for i := range p.Start {
		p.Start[i] = T(s.Norm())
	}
	batch := func(int) problem.Objective[T] { return bowl }
	if noise > 0 {
		tilted := newBowl[T](f, true)
		batch = func(t int) problem.Objective[T] {
			s := rng.At(seed, "noise", t)
			for i := range tilted.tilt {
				tilted.tilt[i] = noise * s.Norm()
			}
			return tilted
		}
	}
	p.Phases = []problem.Phase[T]{{Name: "train", EpochSteps: 1, Batch: batch}}
	return p
}
