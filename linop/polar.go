package linop

import "basin/kernel"

// Polar sets dst to the polar factor U V' of the m x n matrix a = U diag(s) V':
// what is left of it when every singular value that is not zero becomes one. The
// zero ones, at most max(m, n) 2^-52 of the largest, stay zero, which makes the
// factor unique. dst may be a.
func Polar(dst, a []float64, m, n int) error {
	checkSize(dst, m, n)
	u, s, vt, err := SVD(a, m, n)
	if err != nil || len(s) == 0 {
		return err
	}
	k, rank := len(s), 0
	for rank < k && s[rank] > float64(max(m, n))*0x1p-52*s[0] {
		rank++
	}
	var scratch kernel.Scratch[float64]
	kernel.MatMul(&scratch, dst, n, u, k, 1, vt, n, 1, m, n, rank, false)
	return nil
}
