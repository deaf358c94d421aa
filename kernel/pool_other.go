//go:build !amd64

package kernel

func runPool[T Float](l poolLoop, y, x, a []T, v *PoolShape, w windows, scale T) bool { return false }
