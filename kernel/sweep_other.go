//go:build !amd64

package kernel

func (s *sweep[T]) run(loop) bool { return false }
