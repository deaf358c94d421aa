package kernel

import "unsafe"

// A tilesCall is one call of an assembly loop over rows of tiles: blocks of x, whose rows
// are row elements and columns col elements apart, each two columns from the one before
// and two rows from the one above; and what belongs to them in planes, plane elements
// apart, each step elements from the one before. The assembly knows the offsets of the
// fields, and uses up planes, x and channels.
type tilesCall[T Float] struct {
	planes                   *T
	plane                    int
	x                        *T
	row, col, channels, step int
	tiles                    area
}

//go:noescape
func winogradF32AVX2(t *tilesCall[float32], l tilesLoop)

//go:noescape
func winogradF64AVX2(t *tilesCall[float64], l tilesLoop)

//go:noescape
func winogradF32AVX512(t *tilesCall[float32], l tilesLoop)

//go:noescape
func winogradF64AVX512(t *tilesCall[float64], l tilesLoop)

// runTiles runs a loop in the assembly of the path.
func runTiles[T Float](l tilesLoop, planes []T, plane int, x []T, row, col, channels int, tiles area) {
	t := tilesCall[T]{&planes[0], plane, &x[0], row, col, channels, channels, tiles}
	p := unsafe.Pointer(&t)
	switch {
	case isSingle[T]() && active == avx512:
		winogradF32AVX512((*tilesCall[float32])(p), l)
	case isSingle[T]():
		winogradF32AVX2((*tilesCall[float32])(p), l)
	case active == avx512:
		winogradF64AVX512((*tilesCall[float64])(p), l)
	default:
		winogradF64AVX2((*tilesCall[float64])(p), l)
	}
}
