package optim

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"basin/problem"
)

// memoryHead opens every saved memory; its digit is the version of the format.
//
// After it, for each item of Memory in turn: one byte that names the type, the
// number of values as a uint64, and the values. Numbers are little-endian.
const memoryHead = "basin optimizer 1\n"

// Save gives the memory of a stepper, to the bit.
func Save[T problem.Float](s Stepper[T]) ([]byte, error) {
	m, ok := As[Memory](s)
	if !ok {
		return nil, errors.New("optim: this stepper has no memory to save")
	}
	out := []byte(memoryHead)
	for _, item := range m.Memory() {
		kind, n, err := describeItem(item)
		if err != nil {
			return nil, err
		}
		out = binary.LittleEndian.AppendUint64(append(out, kind), uint64(n))
		if out, err = binary.Append(out, binary.LittleEndian, item); err != nil {
			return nil, fmt.Errorf("optim: saving a memory: %w", err)
		}
	}
	return out, nil
}

// Restore gives a stepper the memory that Save took from one of the same recipe on
// the same blocks. The stepper is left as it was if the memory does not fit.
func Restore[T problem.Float](s Stepper[T], saved []byte) error {
	m, ok := As[Memory](s)
	if !ok {
		return errors.New("optim: this stepper has no memory to restore")
	}
	body, ok := bytes.CutPrefix(saved, []byte(memoryHead))
	if !ok {
		return errors.New("optim: not the memory of an optimizer, or of another version")
	}
	items := m.Memory()
	if err := fits(items, body); err != nil {
		return err
	}
	for _, item := range items {
		size := binary.Size(item)
		if _, err := binary.Decode(body[9:9+size], binary.LittleEndian, item); err != nil {
			return fmt.Errorf("optim: restoring a memory: %w", err)
		}
		body = body[9+size:]
	}
	return nil
}

// fits tells whether body holds values for exactly these items.
func fits(items []any, body []byte) error {
	for i, item := range items {
		kind, n, err := describeItem(item)
		if err != nil {
			return err
		}
		if len(body) < 9 {
			return fmt.Errorf("optim: the memory ends before item %d of %d", i+1, len(items))
		}
		if body[0] != kind || binary.LittleEndian.Uint64(body[1:]) != uint64(n) {
			return fmt.Errorf("optim: item %d of the memory holds %d values of type %q, the stepper has %d of type %q: it is of another recipe, network or precision",
				i+1, binary.LittleEndian.Uint64(body[1:]), body[0], n, kind)
		}
		if body = body[9:]; len(body) < binary.Size(item) {
			return fmt.Errorf("optim: the memory ends within item %d of %d", i+1, len(items))
		}
		body = body[binary.Size(item):]
	}
	if len(body) > 0 {
		return fmt.Errorf("optim: the memory goes on for %d bytes after its last item", len(body))
	}
	return nil
}

// describeItem gives the letter for the type of an item and its number of values.
func describeItem(item any) (kind byte, n int, err error) {
	switch v := item.(type) {
	case []float32:
		return 'f', len(v), nil
	case []float64:
		return 'd', len(v), nil
	case []int64:
		return 'i', len(v), nil
	case *float32:
		return 'F', 1, nil
	case *float64:
		return 'D', 1, nil
	case *int64:
		return 'I', 1, nil
	}
	return 0, 0, fmt.Errorf("optim: a memory cannot hold a %T", item)
}
