package report

import (
	"strings"
	"testing"

	"basin/stat"
)

func TestReadings(t *testing.T) {
	warned := stat.Estimate("p", "hessian_trace", "", 412.34, 8.76)
	warned.Warnings = []string{"few probes"}
	var b strings.Builder
	if err := Readings(&b, []stat.Reading{
		stat.Exact("p", "norm", "m", 3.14159265),
		warned,
		stat.Undefined("p", "ece", "targets are not classes"),
	}); err != nil {
		t.Fatal(err)
	}
	want := `  norm           3.142 m
  hessian_trace  412.3 ± 8.8
                 ! few probes
  ece            none: targets are not classes
± is the standard error of the measurement; of an eigenvalue, its residual.
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
