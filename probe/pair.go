package probe

// A Pairing says between which solutions of a study a measure is taken.
type Pairing string

const (
	Everyone Pairing = "all"    // every two at one point of training
	Kin      Pairing = "kin"    // those at one point that share the seed or the optimizer, and so for costly measures
	Course   Pairing = "course" // those of one run at points that follow one another
)

// A Between is a struct of settings that measures one family of relations between two
// solutions. Errors are the reason why the readings not yet taken have no value.
type Between[S Sketch] interface {
	// Sketch takes from one solution what is compared, once for all its pairs. It may use
	// all that a probe may; the pass's seed is the same for all solutions. What it returns
	// is shared and never changed, and must not hold on to the objectives of the pass.
	Sketch(p *Pass) (S, error)
	// Between takes the readings of two solutions, which are the same the other way round.
	Between(p *Pair, a, b S) error
}

// A Sketch is what a measure keeps of one solution while it is compared with others.
type Sketch interface {
	// Bytes is about the memory that it takes, on which it depends how many are kept at a time.
	Bytes() int
}

// A Pair is two solutions being measured against each other. It serves one goroutine.
type Pair struct {
	// At gives a pass at any other point, such as one on the way between the two, with
	// the start of the first one's run. Its objectives are ready for it, which takes evaluating
	// anew what normalises a network. It is valid until the next call.
	At func(x []float64) *Pass

	taken
}

// lacking stands for a sketch that could not be made.
type lacking struct{ why error }

func (lacking) Bytes() int { return 0 }
