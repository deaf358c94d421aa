//go:build !amd64

package kernel

func best() path { return portable }
