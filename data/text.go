package data

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"
)

// A Text is a sequence of characters as numbers: those that occur, in the order of
// their code points, are counted from 0.
type Text struct {
	Vocabulary []rune
	// Parts of one sequence: nine tenths for training, then a twentieth for validation
	// and the rest for testing.
	Train, Val, Test []int32
}

// Find gives the path of a file that a recipe names: relative to the working folder
// or, if it is not there, to dir.
func Find(name, dir string) (string, error) {
	paths := []string{name}
	if dir != "" && !filepath.IsAbs(name) {
		paths = append(paths, filepath.Join(dir, name))
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return "", err
		case info.IsDir():
			return "", fmt.Errorf("%s is a folder where a file should be; name the file", path)
		}
		return path, nil
	}
	if len(paths) == 1 {
		return "", fmt.Errorf("the file %s does not exist; name another, or pass its folder with --data", name)
	}
	return "", fmt.Errorf("neither %s nor %s exists; name another file, or pass its folder with --data", paths[0], paths[1])
}

// ReadText reads a text in UTF-8. Errors name the file and, where it is not UTF-8, the
// place.
func ReadText(path string) (*Text, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := Fits("the text "+path, 4*float64(info.Size())); err != nil {
		return nil, err
	}
	runes, err := decode(f, int(info.Size()))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return newText(runes), nil
}

// decode reads characters; size is that of r in bytes.
func decode(r io.Reader, size int) ([]int32, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		return nil, errors.New("is compressed with gzip; unpack it")
	}
	runes := make([]int32, 0, size)
	line, column, offset := 1, 1, 0
	for {
		c, n, err := in.ReadRune()
		switch {
		case errors.Is(err, io.EOF):
			return runes, nil
		case err != nil:
			return nil, err
		case c == utf8.RuneError && n == 1:
			return nil, fmt.Errorf("line %d, column %d (byte %d) is not UTF-8; convert the file to UTF-8, for example with iconv", line, column, offset)
		}
		runes = append(runes, c)
		offset += n
		column++
		if c == '\n' {
			line, column = line+1, 1
		}
	}
}

// newText numbers the characters where they lie.
func newText(runes []int32) *Text {
	number := map[rune]int32{}
	for _, c := range runes {
		number[c] = 0
	}
	t := &Text{}
	for c := range number {
		t.Vocabulary = append(t.Vocabulary, c)
	}
	slices.Sort(t.Vocabulary)
	for i, c := range t.Vocabulary {
		number[c] = int32(i)
	}
	for i, c := range runes {
		runes[i] = number[c]
	}
	n := len(runes)
	val, test := n-n/10, n-n/20
	t.Train, t.Val, t.Test = runes[:val:val], runes[val:test:test], runes[test:]
	return t
}

// Hash is the SHA-256 of the vocabulary and the parts, in hexadecimal.
func (t *Text) Hash() string {
	h := sha256.New()
	for _, list := range [][]int32{t.Vocabulary, t.Train, t.Val, t.Test} {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(list))))
		var b bytes.Buffer
		for part := range slices.Chunk(list, 4096) {
			b.Reset()
			for _, x := range part {
				b.Write(binary.LittleEndian.AppendUint32(b.AvailableBuffer(), uint32(x)))
			}
			h.Write(b.Bytes())
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
