package data

import (
	"bytes"
	"math"
	"testing"

	"golang.org/x/image/font/sfnt"

	"basin/rng"
)

// glyphsHash pins every pixel: a change of it changes every result on glyphs.
const glyphsHash = "c3abab975c080ccadb14148d16232b811c91d255055e611530f5575727846b83"

func TestGlyphs(t *testing.T) {
	s := glyphs(1)
	for workers, h := range map[int]string{1: s.Hash(), 3: glyphs(3).Hash()} {
		if h != glyphsHash {
			t.Errorf("with %d workers the data set has hash %s, want %s", workers, h, glyphsHash)
		}
	}
	seen := map[string]bool{}
	for _, part := range []struct {
		m *Images
		n int
	}{{s.Train, 12_000}, {s.Val, 2_000}, {s.Test, 4_000}} {
		m := part.m
		if m.N != part.n || m.Rows != 28 || m.Cols != 28 || m.Classes != 10 || len(m.Pixels) != part.n*784 || len(m.Labels) != part.n {
			t.Fatalf("part of %d examples of %dx%d in %d classes, want %d of 28x28 in 10", m.N, m.Rows, m.Cols, m.Classes, part.n)
		}
		var counts [10]int
		for i, c := range m.Labels {
			counts[c]++
			seen[string(m.Image(i))] = true
		}
		for digit, k := range counts {
			if k != part.n/10 {
				t.Errorf("digit %d is there %d times of %d", digit, k, part.n)
			}
		}
	}
	if len(seen) != 18_000 {
		t.Errorf("only %d pictures of 18,000 differ", len(seen))
	}
}

// An undistorted digit has as much ink as its outline has area, by the shoelace
// formula.
func TestDrawnArea(t *testing.T) {
	for k, ttf := range fonts {
		font, err := sfnt.Parse(ttf)
		if err != nil {
			t.Fatal(err)
		}
		for digit := range 10 {
			lines, err := outline(font, digit)
			if err != nil {
				t.Fatal(err)
			}
			area := 0.0
			for _, s := range lines {
				area += (s.ax*s.by - s.bx*s.ay) / 2
			}
			p := pose{xx: 1.0 / 20, yy: 1.0 / 20, height: 20, edge: 1, ink: 1}
			picture := make([]byte, size*size)
			s := rng.At(0, "unused", 0)
			p.draw(picture, newField(lines), &s)
			ink := 0.0
			for _, v := range picture {
				ink += float64(v) / 255
			}
			// Corners of the shape are rounded by the distance, by at most 3 %.
			if want := math.Abs(area) * 400; math.Abs(ink-want) > 0.03*want {
				t.Errorf("font %d digit %d has ink of %.1f pixels, area of %.1f", k, digit, ink, want)
			}
		}
	}
}

func TestDistance(t *testing.T) {
	// A square of side 2 with a square hole of side 1, wound the other way.
	ring := func(r float64) []segment {
		return []segment{{-r, -r, r, -r}, {r, -r, r, r}, {r, r, -r, r}, {-r, r, -r, -r}}
	}
	lines := ring(1)
	for _, s := range ring(0.5) {
		lines = append(lines, segment{s.bx, s.by, s.ax, s.ay})
	}
	for _, c := range []struct{ x, y, want float64 }{
		{0, 0, 0.5}, {0.25, 0, 0.25}, {0.75, 0, -0.25}, {-0.875, 0.1, -0.125}, {2, 0, 1}, {0, -3, 2},
		{4, 5, 5}, {0, 0.5, 0}, {0.7, 0.5, -0.2}, {-2, 1, 1}, {0.5, 0.9, -0.1}, {1.5, -0.5, 0.5},
	} {
		if got := distance(lines, c.x, c.y); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("distance of (%v, %v) is %v, want %v", c.x, c.y, got, c.want)
		}
	}
}

func TestFieldInterpolates(t *testing.T) {
	// Near one side of a large shape the distance is linear, and so interpolated
	// without error but for the rounding of what is stored.
	f := newField([]segment{{-10, 9, 10, -11}, {10, -11, 10, 90}, {10, 90, -10, 90}, {-10, 90, -10, 9}})
	s := rng.At(1, "places", 0)
	for range 1000 {
		x, y := between(&s, -reach, reach), between(&s, -reach, reach)
		if got, want := f.at(x, y), -(x+y+1)/math.Sqrt2; math.Abs(got-want) > 2e-7 {
			t.Fatalf("field at (%v, %v) is %v, want %v", x, y, got, want)
		}
	}
	// Beyond the grid it is that of the border, but for a thousandth of a cell.
	if got, want := f.at(50, -70), f.at(reach, -reach); got != want {
		t.Errorf("beyond the grid the field is %v, at its corner %v", got, want)
	}
}

func TestWarp(t *testing.T) {
	for i, b := range blend {
		if sum := b[0] + b[1] + b[2] + b[3]; math.Abs(sum-1) > 1e-15 {
			t.Errorf("weights of pixel %d add up to %v", i, sum)
		}
	}
	// Cubic B-splines reproduce linear functions: knots 7 pixels apart, the first at
	// -7, give displacements equal to the pixel's place.
	var w warp
	for i := range knots {
		for j := range knots {
			w[i][j], w[i][knots+j] = float64(j-1)*cell, float64(i-1)*cell
		}
	}
	for i := range size {
		row := w.row(i)
		for j := range size {
			dx, dy := row.at(j)
			if math.Abs(dx-float64(j)-0.5) > 1e-13 || math.Abs(dy-float64(i)-0.5) > 1e-13 {
				t.Fatalf("linear warp at pixel (%d, %d) is (%v, %v)", i, j, dx, dy)
			}
		}
	}
}

func TestBell(t *testing.T) {
	const n = 100_000
	s := rng.At(2, "bell", 0)
	var sum, squares float64
	for range n {
		v := bell(s.Uint64())
		sum += v
		squares += v * v
	}
	if mean := sum / n; math.Abs(mean) > 5/math.Sqrt(3*n) {
		t.Errorf("mean %v", mean)
	}
	// The fourth moment of the sum of four uniforms is 3/9 - 4/120 = 0.3.
	if v := squares / n; math.Abs(v-1.0/3) > 5*math.Sqrt((0.3-1.0/9)/n) {
		t.Errorf("variance %v, want 1/3", v)
	}
	if bell(0) != -2 || bell(math.MaxUint64) != 2 {
		t.Errorf("ends at %v and %v, want -2 and 2", bell(0), bell(math.MaxUint64))
	}
}

func TestPoseTurns(t *testing.T) {
	// From pixels to the digit and back: the map is the inverse of stretch, slant and
	// turn, so that its determinant is that of the stretch alone.
	for i := range 100 {
		s := rng.At(3, "poses", i)
		p := newPose(&s)
		if det := p.xx*p.yy - p.xy*p.yx; math.Abs(det*p.height*p.height-1) > 1e-14 {
			t.Fatalf("pose %d has determinant %v with a height of %v pixels", i, det, p.height)
		}
	}
}

func BenchmarkGlyphs(b *testing.B) {
	var first []byte
	for b.Loop() {
		s := glyphs(1)
		if first != nil && !bytes.Equal(first, s.Test.Pixels) {
			b.Fatal("two calls differ")
		}
		first = s.Test.Pixels
	}
}
