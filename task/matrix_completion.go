package task

import (
	"fmt"
	"strings"

	"basin/data"
	"basin/nn"
	"basin/problem"
)

var matrixCompletionDoc = Doc{
	Name: "matrix_completion", Group: closedForm,
	Summary: "A square matrix of low rank from some of its entries: f(W) = mean (W[i,j] - M[i,j])^2 / 2.",
	Notes: []string{
		"M = U V' / sqrt(rank) with U and V from N(0, 1), so that entries have variance 1; entries are seen with noise*e, e ~ N(0, 1). Those seen are for training, all others, without noise, for testing; there is no validation set.",
		"An example is a pair of tokens, the row and the column. From a small start the product of two or more matrices comes to a solution of low rank (Gunasekar et al. 2017, arXiv 1705.09280; Arora et al. 2019, arXiv 1905.13655); depth=1 leaves what it has not seen as it was.",
		"The mean over the entries seen makes gradients small: rates of SGD are near half the number of rows. The least loss, 0, is known where matrix_product is wide enough to reach it.",
	},
}

type matrixCompletion struct {
	Size     int     `arg:"size" default:"30" valid:"[1,1000]" help:"rows and columns"`
	Rank     int     `arg:"rank" default:"2" valid:"[1,1000]" help:"rank of the matrix"`
	Observed float64 `arg:"observed" default:"0.4" valid:"(0,inf)" help:"entries that are seen: below 1 their share, else their number"`
	Noise    float64 `arg:"noise" default:"0" valid:"[0,inf)" help:"standard deviation of the noise in what is seen"`
	Batch    int     `arg:"batch" default:"0" valid:"[0,inf)" help:"entries per step, 0 for all"`
	DataSeed int     `arg:"data_seed" default:"0" valid:"[0,inf)" help:"seed of the matrix and of what is seen of it"`
}

func (m *matrixCompletion) network() network {
	return network{model: "matrix_product(depth=2)", input: nn.Input{Shape: []int{2}, Tokens: m.Size}, outputs: 1}
}

// seen is how many of all entries are observed.
func (m *matrixCompletion) seen() int {
	if m.Observed < 1 {
		return int(m.Observed * float64(m.Size*m.Size))
	}
	return int(m.Observed)
}

func (m *matrixCompletion) check() error {
	if m.Rank > m.Size {
		return fmt.Errorf("rank=%d is more than the %d rows there are", m.Rank, m.Size)
	}
	if all := m.Size * m.Size; m.seen() < 1 || m.seen() >= all {
		return fmt.Errorf("observed=%v of the %d entries leaves none for training or none for testing", m.Observed, all)
	}
	return nil
}

func (m *matrixCompletion) load(_ string, net *nn.Net) (*Data, error) {
	c := data.NewCompletion(m.Size, m.Rank, m.seen(), m.Noise, uint64(m.DataSeed))
	part := func(places []int, values []float64) *examples {
		e := &examples{n: len(places), in: 2, targets: &array{made: values}}
		for _, k := range places {
			e.tokens = append(e.tokens, k/m.Size, k%m.Size)
		}
		return e
	}
	hidden := make([]float64, len(c.Hidden))
	for i, k := range c.Hidden {
		hidden[i] = c.Truth[k]
	}
	s := &supervised{
		net: net, loss: problem.Squared, batch: m.Batch,
		train: part(c.Observed, c.Seen), test: part(c.Hidden, hidden),
	}
	if m.reachable(net) {
		s.lowest = func(*data.Table) (float64, error) { return 0, nil }
	}
	s.matchSome()
	return s.data(c.Hash())
}

// reachable reports whether the network can be any matrix of the rank of what is to be
// learnt: whether it is a product of factors whose sides are all as long.
func (m *matrixCompletion) reachable(net *nn.Net) bool {
	rank := m.Rank
	if m.Noise > 0 {
		rank = m.Size
	}
	for _, b := range net.Layout().Blocks {
		if !strings.HasPrefix(b.Name, "factor") || len(b.Shape) != 2 || min(b.Shape[0], b.Shape[1]) < rank {
			return false
		}
	}
	return true
}
