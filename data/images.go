package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
)

// Images are N pictures of one size, each of one class: grey with one channel, red,
// green and blue with three.
type Images struct {
	N, Rows, Cols, Channels int
	Classes                 int
	Pixels                  []byte // N x Rows x Cols x Channels row-major, from 0 (black) to 255
	Labels                  []byte // N, below Classes
}

// A Split is a data set cut into parts for training, for tuning and for the final
// judgement.
type Split struct{ Train, Val, Test *Images }

// Image is the picture of example i, Rows x Cols x Channels row-major.
func (m *Images) Image(i int) []byte {
	size := m.Rows * m.Cols * m.Channels
	return m.Pixels[i*size : (i+1)*size : (i+1)*size]
}

// Pick copies the examples with the given indices, in that order.
func (m *Images) Pick(indices []int) *Images {
	p := newImages(len(indices), m.Rows, m.Cols, m.Channels, m.Classes)
	for k, i := range indices {
		copy(p.Image(k), m.Image(i))
		p.Labels[k] = m.Labels[i]
	}
	return p
}

func newImages(n, rows, cols, channels, classes int) *Images {
	return &Images{
		N: n, Rows: rows, Cols: cols, Channels: channels, Classes: classes,
		Pixels: make([]byte, n*rows*cols*channels), Labels: make([]byte, n),
	}
}

// Moments gives mean and standard deviation of one channel over all pixels, in units
// of 255. Their sums are exact.
func (m *Images) Moments(channel int) (mean, deviation float64) {
	var sum, squares uint64
	for i := channel; i < len(m.Pixels); i += m.Channels {
		p := uint64(m.Pixels[i])
		sum += p
		squares += p * p
	}
	n := float64(len(m.Pixels) / m.Channels)
	mean = float64(sum) / n
	variance := float64(squares)/n - float64(mean*mean)
	return mean / 255, math.Sqrt(max(variance, 0)) / 255
}

// Hash is the SHA-256 of sizes, pixels and labels of all parts, in hexadecimal. That
// grey pictures have one channel is not hashed.
func (s *Split) Hash() string {
	h := sha256.New()
	for _, m := range []*Images{s.Train, s.Val, s.Test} {
		sizes := []int{m.N, m.Rows, m.Cols, m.Classes}
		if m.Channels > 1 {
			sizes = append(sizes, m.Channels)
		}
		for _, size := range sizes {
			h.Write(binary.LittleEndian.AppendUint64(nil, uint64(size)))
		}
		h.Write(m.Pixels)
		h.Write(m.Labels)
	}
	return hex.EncodeToString(h.Sum(nil))
}
