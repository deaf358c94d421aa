package kernel

import "testing"

// FuzzLoops holds functions, updates and loops over rows to the portable path, for the
// loop, length, offset and numbers that the fuzzer chooses.
func FuzzLoops(f *testing.F) {
	for i := range uint8(44) {
		f.Add(i, uint16(17*i), i, i)
	}
	f.Fuzz(func(t *testing.T, loop uint8, n uint16, offset, stream uint8) {
		for p := portable + 1; p <= best(); p++ {
			onPath(p, func() {
				fuzzLoop[float32](t, int(loop), int(n%2000), int(offset%16), int(stream))
				fuzzLoop[float64](t, int(loop), int(n%2000), int(offset%16), int(stream))
			})
		}
	})
}

func fuzzLoop[T Float](t *testing.T, loop, n, offset, stream int) {
	type four = func(d, m, v, x []T)
	var list []four
	for _, c := range functionTable[T]() {
		list = append(list, func(d, _, _, x []T) { c.f(d, x) })
	}
	for _, u := range updates[T]() {
		list = append(list, u.f)
	}
	width := 1 + stream%70
	whole := func(a []T) []T { return a[:n/width*width] }
	list = append(list,
		func(d, _, _, x []T) { Add(d, d, x) },
		func(d, m, _, x []T) { Quotient(d, m, x) },
		func(d, _, _, x []T) { Max(d, d, x[:min(n, 1)]) },
		func(d, m, _, x []T) { Gate(d, m, x) },
		func(d, _, _, x []T) { Softmax(whole(d), whole(x), width) },
		func(d, m, _, x []T) { SoftmaxGrad(whole(d), whole(x), whole(m), width) },
		func(d, m, _, x []T) { StandardizeRows(whole(d), whole(x), width, 1e-5, m[:n/width]) },
		func(d, m, v, x []T) { StandardizeRowsGrad(whole(d), whole(x), whole(m), width, v[:n/width]) },
		func(d, m, _, x []T) { StandardizeColumns(whole(d), whole(x), width, 1e-5, m[:min(n, width)]) },
		func(d, m, v, x []T) { StandardizeColumnsGrad(whole(d), whole(x), whole(m), width, v) })
	fill := small[T](stream)
	var a [4]*guarded[T]
	for i := range a {
		a[i] = newGuarded(n, (offset*(i+1))%16, fill)
		a[i].want = func(k int) T { return a[i].before[k] }
	}
	run := list[loop%len(list)]
	onPath(portable, func() { run(a[0].before, a[1].before, a[2].before, a[3].before) })
	run(a[0].in, a[1].in, a[2].in, a[3].in)
	for _, g := range a {
		g.check(t, "loop")
	}
}
