package kernel

import "testing"

func TestTranspose(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testTranspose[float32](t)
		testTranspose[float64](t)
	})
}

// testTranspose leaves gaps between rows on both sides.
func testTranspose[T Float](t *testing.T) {
	fill := normals[T]()
	for _, m := range []int{0, 1, 2, 7, 8, 9, 16, 17, 31, 40} {
		for _, n := range []int{0, 1, 3, 8, 15, 16, 18, 33} {
			lda, ldd := n+n%3, m+m%2
			a, dst := newGuarded(m*lda, m%5, fill), newGuarded(n*ldd, n%3, fill)
			dst.want = func(i int) T {
				if j, i := i/ldd, i%ldd; i < m {
					return a.before[i*lda+j]
				}
				return dst.before[i]
			}
			Transpose(dst.in, ldd, a.in, lda, m, n)
			dst.check(t, "Transpose")
		}
	}
}

func TestGatherAndScatterRows(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		const width, vocabulary = 19, 5
		fill, ids := normals[float32](), []int{4, 0, 4, 2, 4}
		table := newGuarded(vocabulary*width, 1, fill)
		rows := newGuarded(len(ids)*width, 0, fill)
		rows.want = func(i int) float32 { return table.before[ids[i/width]*width+i%width] }
		GatherRows(rows.in, table.in, ids, width)
		rows.check(t, "GatherRows")
		table.want = func(i int) float32 {
			v := table.before[i]
			for k, id := range ids {
				if id == i/width {
					v += rows.in[k*width+i%width]
				}
			}
			return v
		}
		ScatterRows(table.in, rows.in, ids, width)
		table.check(t, "ScatterRows")
	})
}
