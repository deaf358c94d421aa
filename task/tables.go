package task

import (
	"basin/data"
	"basin/nn"
	"basin/problem"
)

// ownLinear is the own model of the tasks whose closed forms are of a linear function,
// z = w.x. It starts at w = 0.
const ownLinear = "linear(bias=false, init=zeros)"

// fromTables makes the data of a linear task. Targets of squared loss are numbers;
// for other losses -1 is class 0 and +1 is class 1.
func fromTables(t *data.Tables, net *nn.Net, loss problem.LossKind, batch int, lowest func(*data.Table) (float64, error)) (*Data, error) {
	part := func(t *data.Table) *examples {
		e := &examples{n: t.N, in: t.In, x: &array{made: t.X}}
		if loss == problem.Squared {
			e.targets = &array{made: t.Y}
			return e
		}
		e.labels = make([]int, t.N)
		for i, y := range t.Y {
			if y > 0 {
				e.labels[i] = 1
			}
		}
		return e
	}
	s := &supervised{net: net, loss: loss, batch: batch, train: part(t.Train), val: part(t.Val), test: part(t.Test), lowest: lowest}
	s.match = s.train
	d, err := s.data(t.Hash())
	if err != nil {
		return nil, err
	}
	d.tables = t
	return d, nil
}
