package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// A headerReader walks over the header token by token, since decoding into maps
// and structs would let duplicates and misspelt names pass.
type headerReader struct{ dec *json.Decoder }

// parseHeader gives the tensors, in the order of the header, and the metadata.
func parseHeader(header []byte) ([]entry, map[string]string, error) {
	r := headerReader{json.NewDecoder(bytes.NewReader(header))}
	r.dec.UseNumber()
	var entries []entry
	var metadata map[string]string
	err := r.object(func(name string) (err error) {
		if name == metadataName {
			metadata, err = r.metadata()
			return err
		}
		e, err := r.entry(name)
		if err != nil {
			return named(name, err)
		}
		entries = append(entries, e)
		return nil
	})
	if err == nil {
		if _, more := r.dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows it")
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	return entries, metadata, nil
}

// object reads an object, the value of each name by member.
func (r headerReader) object(member func(name string) error) error {
	if err := r.open('{', "an object"); err != nil {
		return err
	}
	seen := map[string]bool{}
	for r.dec.More() {
		t, err := r.token()
		if err != nil {
			return err
		}
		name, _ := t.(string) // the decoder lets nothing else stand here
		if seen[name] {
			return fmt.Errorf("%.80q is there twice", name)
		}
		seen[name] = true
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := r.token()
	return err
}

func (r headerReader) metadata() (map[string]string, error) {
	m := map[string]string{}
	err := r.object(func(name string) error {
		t, err := r.token()
		if err != nil {
			return err
		}
		text, ok := t.(string)
		if !ok {
			return fmt.Errorf("metadata %.80q is not a string", name)
		}
		m[name] = text
		return nil
	})
	return m, err
}

func (r headerReader) entry(name string) (entry, error) {
	e := entry{name: name}
	if err := checkName(name); err != nil {
		return e, err
	}
	members := 0
	err := r.object(func(member string) error {
		members++
		switch member {
		case "dtype":
			t, err := r.token()
			if err != nil {
				return err
			}
			s, ok := t.(string)
			if !ok {
				return errors.New("dtype is not a string")
			}
			e.dtype = s
			return nil
		case "shape":
			shape, err := r.ints(member)
			e.shape = shape
			return err
		case "data_offsets":
			offsets, err := r.ints(member)
			if err == nil && len(offsets) != 2 {
				err = fmt.Errorf("data_offsets has %d numbers, not 2", len(offsets))
			}
			if err == nil {
				e.begin, e.end = offsets[0], offsets[1]
			}
			return err
		}
		return fmt.Errorf("unknown member %.80q", member)
	})
	if err == nil && members != 3 {
		err = errors.New("it lacks one of dtype, shape and data_offsets")
	}
	return e, err
}

// ints reads an array of whole numbers from 0.
func (r headerReader) ints(what string) ([]int, error) {
	if err := r.open('[', what+" as an array"); err != nil {
		return nil, err
	}
	list := []int{}
	for r.dec.More() {
		t, err := r.token()
		if err != nil {
			return nil, err
		}
		n, ok := t.(json.Number)
		if !ok {
			return nil, fmt.Errorf("%s holds %.80v, which is no number", what, t)
		}
		i, err := strconv.ParseUint(n.String(), 10, strconv.IntSize-1)
		if err != nil {
			return nil, fmt.Errorf("%s holds %.40s, which is no whole number in range", what, n)
		}
		list = append(list, int(i))
	}
	_, err := r.token()
	return list, err
}

func (r headerReader) token() (json.Token, error) {
	t, err := r.dec.Token()
	if errors.Is(err, io.EOF) {
		err = errors.New("it ends too early")
	}
	return t, err
}

func (r headerReader) open(want json.Delim, what string) error {
	t, err := r.token()
	if err != nil {
		return err
	}
	if t != want {
		return fmt.Errorf("expected %s, found %.80v", what, t)
	}
	return nil
}
