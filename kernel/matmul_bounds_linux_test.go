package kernel

import (
	"syscall"
	"testing"
	"unsafe"
)

// TestMatMulStaysInside multiplies matrices that end at, or begin after, memory that
// cannot be accessed: a load or a store outside them would end the test.
func TestMatMulStaysInside(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testStaysInside[float32](t)
		testStaysInside[float64](t)
	})
}

func testStaysInside[T Float](t *testing.T) {
	var s Scratch[T]
	a, b, c := newFence[T](t), newFence[T](t), newFence[T](t)
	fill := normals[T]()
	kind := 0
	for _, m := range []int{1, 3, 8, 17, 24, 33} {
		for _, n := range []int{1, 5, 10, 16, 33} {
			for _, k := range []int{1, 4, 7, 18} {
				for _, form := range forms[:4] {
					kind++
					ars, acs, brs, bcs := form(m, n, k, kind%2)
					p := newTrial(m, n, k, n+kind%3, ars, acs, brs, bcs, 0, kind%5 < 2, fill)
					atEnd := kind%4 > 0
					p.a.data, p.b.data, p.c.data = a.hold(p.a.data, atEnd), b.hold(p.b.data, atEnd), c.hold(p.c.data, atEnd)
					p.run(&s)
					p.check(t)
				}
			}
		}
	}
	p := newTrial(33, 33, 7, 35, 7, 1, 1, 7, 0, false, fill)
	Gram(&s, c.hold(p.c.data, true), 35, a.hold(p.a.data, true), 7, 1, 33, 7, false)
	Mirror(c.hold(p.c.data, true), 35, 33)
}

// A fence is memory between pages that cannot be accessed.
type fence[T Float] struct{ inside []T }

func newFence[T Float](t *testing.T) fence[T] {
	page := syscall.Getpagesize()
	all, err := syscall.Mmap(-1, 0, 6*page, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(all); err != nil {
			t.Error(err)
		}
	})
	inside := all[page : 5*page]
	if err := syscall.Mprotect(inside, syscall.PROT_READ|syscall.PROT_WRITE); err != nil {
		t.Fatal(err)
	}
	return fence[T]{unsafe.Slice((*T)(unsafe.Pointer(&inside[0])), len(inside)/int(unsafe.Sizeof(T(0))))}
}

// hold copies x to the end of the memory, or to its start.
func (f fence[T]) hold(x []T, atEnd bool) []T {
	held := f.inside[:len(x)]
	if atEnd {
		held = f.inside[len(f.inside)-len(x):]
	}
	copy(held, x)
	return held
}
