package task

import (
	"slices"
	"testing"

	"basin/nn"
	"basin/problem"
)

// numbered are n examples of two inputs, both the number of the example, whose
// label is its last digit.
func numbered(t *testing.T, n int) (*nn.Engine[float32], *nn.Examples[float32]) {
	r := parsed(t, "linear")
	m, err := nn.ParseModel("linear", r[0])
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.NewNet(m, nn.Input{Shape: []int{2}}, 10)
	if err != nil {
		t.Fatal(err)
	}
	ex := &nn.Examples[float32]{N: n, In: 2}
	for i := range n {
		ex.X = append(ex.X, float32(i), float32(i))
		ex.Labels = append(ex.Labels, i%10)
	}
	return nn.NewEngine[float32](net, problem.SoftmaxCrossEntropy, 64), ex
}

func TestEpochs(t *testing.T) {
	const n, size = 103, 10
	e, ex := numbered(t, n)
	b := newBatches(e, ex, size, 5, nil, nil)
	if b.steps != 10 {
		t.Fatalf("%d steps per epoch of %d examples in batches of %d", b.steps, n, size)
	}
	var epochs [3][]int
	for at := 1; at <= 3*b.steps; at++ {
		b.at(at)
		for row := range size {
			i := int(b.batch.X[2*row])
			if int(b.batch.X[2*row+1]) != i || b.batch.Labels[row] != i%10 {
				t.Fatalf("step %d row %d mixes examples", at, row)
			}
			epochs[(at-1)/b.steps] = append(epochs[(at-1)/b.steps], i)
		}
	}
	left := map[int]bool{}
	for k, order := range epochs {
		seen := make([]bool, n)
		for _, i := range order {
			if seen[i] {
				t.Errorf("epoch %d has example %d twice", k, i)
			}
			seen[i] = true
		}
		if len(order) != 100 {
			t.Errorf("epoch %d has %d examples, want 100", k, len(order))
		}
		for i, s := range seen {
			if !s {
				left[i] = true
			}
		}
	}
	if slices.Equal(epochs[0], epochs[1]) || slices.Equal(epochs[1], epochs[2]) {
		t.Error("two epochs have the same order")
	}
	if len(left) <= 3 {
		t.Errorf("every epoch leaves out the same examples: %v", left)
	}
}

// Any step can be asked for, in any order.
func TestRandomAccess(t *testing.T) {
	e, ex := numbered(t, 50)
	ahead, jumping := newBatches(e, ex, 7, 1, nil, nil), newBatches(e, ex, 7, 1, nil, nil)
	var want [][]float32
	for at := 1; at <= 40; at++ {
		ahead.at(at)
		want = append(want, slices.Clone(ahead.batch.X))
	}
	for k := range 40 {
		at := k*27%40 + 1
		jumping.at(at)
		if !slices.Equal(jumping.batch.X, want[at-1]) {
			t.Errorf("step %d differs when asked for out of order", at)
		}
	}
}

func TestStepZero(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("step 0 has a batch")
		}
	}()
	e, ex := numbered(t, 20)
	newBatches(e, ex, 5, 1, nil, nil).at(0)
}
