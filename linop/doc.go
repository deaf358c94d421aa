// Package linop holds the linear algebra of basin beyond plain loops: estimators
// that see a matrix only through its products with vectors (Lanczos, conjugate
// gradients, Hutchinson's trace), decompositions of dense matrices, and the linear
// assignment problem.
//
// All of it is in float64, but what a Room does in either precision. Dense matrices
// are row-major without padding.
package linop
