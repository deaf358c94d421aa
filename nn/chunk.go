package nn

// The most that the activations of a plan take, in numbers: 64 MiB in single precision
// for an evaluation, beside which training is what takes memory, 1 GiB for a step.
const (
	maxEvaluation = 1 << 24
	maxTraining   = 1 << 28
)

// chunk is how many of n examples a quantity is computed on at a time: as many as the
// engine evaluates at most, or, where their activations take too much memory, the
// next power of two with which they do not. It depends on shapes alone, since sums by
// chunks differ in their last bits. A batch that is normalised is never parted.
func (e *Engine[T]) chunk(q quantity, n int, m mode) int {
	if m == training && e.net.state != nil {
		return n
	}
	key := planKey{q, min(n, e.most), m}
	rows, known := e.chunks[key]
	if known {
		return rows
	}
	most := maxEvaluation
	if m == training {
		most = maxTraining
	}
	rows = key.rows
	for rows > 1 {
		room := e.room(planKey{q, rows, m})
		if room <= most {
			break
		}
		delete(e.plans, planKey{q, rows, m})
		delete(e.products, planKey{q, rows, m})
		fit := max(1, int(float64(rows)*float64(most)/float64(room)))
		rows = 1
		for 2*rows <= fit {
			rows *= 2
		}
	}
	e.chunks[key] = rows
	return rows
}

// room is how many numbers the activations of a plan take.
func (e *Engine[T]) room(key planKey) int {
	if key.quantity.staged() {
		return e.product(key).room()
	}
	return e.plan(key).Room()
}
