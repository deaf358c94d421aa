//go:build !amd64

package kernel

// runTiles is assembly alone: byTiles asks for none of it here.
func runTiles[T Float](l tilesLoop, planes []T, plane int, x []T, row, col, channels int, tiles area) {
	panic("kernel: no assembly")
}
