//go:build !amd64

package kernel

func multiply[T Float](s *Scratch[T], o *product[T]) { mulPortable(s, o) }

func mirrorSide[T Float]() int { return 32 }

func mirrorSquares[T Float](c []T, ldc, i, next, n int) int { return 0 }
