//go:build !amd64

package kernel

func peakRate[T Float]() float64 { return 0 }
