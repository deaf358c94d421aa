//go:build !amd64

package kernel

func noiseVectors[T Float](dst []T, state, limit uint64, kept T) int { return 0 }
