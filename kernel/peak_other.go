//go:build !amd64

package kernel

// Peak is 0: there are no vectors on this architecture.
func Peak[T Float]() float64 { return 0 }
