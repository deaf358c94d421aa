//go:build !amd64

package kernel

func (s *causal[T]) softmax() bool { return false }

func (s *causal[T]) softmaxGrad() bool { return false }
