package kernel

import (
	"strings"
	"testing"
)

func TestChoosePath(t *testing.T) {
	for _, x := range []struct {
		setting string
		best    path
		want    path
		problem string // within the error; "" for none
	}{
		{"", avx512, avx512, ""},
		{"", portable, portable, ""},
		{"portable", avx512, portable, ""},
		{"avx2", avx512, avx2, ""},
		{"avx512", avx512, avx512, ""},
		{"avx512", avx2, avx2, "no such instructions; unset it to use avx2"},
		{"avx2", portable, portable, "no such instructions; unset it to use portable"},
		{"AVX2", avx512, avx512, "no such kernels; choose portable, avx2 or avx512"},
	} {
		got, err := choose(x.setting, x.best)
		if got != x.want || (err == nil) != (x.problem == "") {
			t.Errorf("choose(%q, %v) = %v, %v, want %v", x.setting, x.best, got, err, x.want)
		} else if err != nil && !strings.Contains(err.Error(), x.problem) {
			t.Errorf("choose(%q, %v): %q does not say %q", x.setting, x.best, err, x.problem)
		}
	}
}
