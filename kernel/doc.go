// Package kernel holds the loops over []float32 and []float64 in which training
// spends its time. Each has a portable form in Go, which is its specification and
// runs everywhere; the costly ones have AVX2 and AVX-512 forms, chosen when the
// program starts (see Path). kernel/gen writes those.
//
// On one machine all forms give the same bits, but for MatMul and Conv on the portable
// path, which cannot add a product with one rounding, and keeps to the definition of a
// convolution where the others take Winograd's tiles. No result depends on alignment, on
// earlier calls or on how work is shared among goroutines.
//
// Denormal numbers are numbers, but in the loops that update moments (Adam, Momentum,
// MeanSquare, SignMomentum, SignDescent, Resilient): there they count as zero. To set the
// processor to that and back takes 20 ns, once per call. Products take no longer with
// denormal factors and sums than with others.
package kernel

import "unsafe"

// Float is the element type of every kernel.
type Float interface{ float32 | float64 }

// isSingle tells whether T is float32; the compiler knows.
func isSingle[T Float]() bool { return unsafe.Sizeof(T(0)) == 4 }
