//go:build !amd64

package kernel

func (s *columnSweep[T]) run(columnLoop, int) bool { return false }
