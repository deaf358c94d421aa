//go:build !amd64

package kernel

func multiply[T Float](s *Scratch[T], o *product[T]) { mulPortable(s, o) }
