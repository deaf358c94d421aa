package data

import "math"

// A field holds the signed distance to an outline, negative inside, on a square
// grid over [-reach, reach] in both directions. From it the shape can be drawn at any
// size, in any pose, thicker or thinner (Green 2007, Improved alpha-tested
// magnification for vector textures and special effects).
type field [side * side]float32

const (
	reach   = 0.8 // of heights of the digit
	perUnit = 40  // grid points per height
	side    = int(2*reach*perUnit) + 1
)

func newField(outline []segment) *field {
	f := new(field)
	for i := range side {
		for j := range side {
			x, y := float64(j)/perUnit-reach, float64(i)/perUnit-reach
			f[i*side+j] = float32(distance(outline, x, y))
		}
	}
	return f
}

// distance is that of (x, y) to the nearest line, negative where the outline winds
// around the point. A product is converted before it is added to, so that no
// compiler fuses the two and every machine gets the same bits.
func distance(outline []segment, x, y float64) float64 {
	nearest, winding := math.Inf(1), 0
	for _, s := range outline {
		px, py := x-s.ax, y-s.ay
		dx, dy := s.bx-s.ax, s.by-s.ay
		along := (float64(px*dx) + float64(py*dy)) / (float64(dx*dx) + float64(dy*dy))
		along = min(max(along, 0), 1)
		ex, ey := px-float64(along*dx), py-float64(along*dy)
		nearest = min(nearest, float64(ex*ex)+float64(ey*ey))
		// A line counts where it crosses the ray from (x, y) to the right.
		side := float64(dx*py) - float64(dy*px)
		if s.ay <= y && y < s.by && side > 0 {
			winding++
		} else if s.by <= y && y < s.ay && side < 0 {
			winding--
		}
	}
	if winding != 0 {
		return -math.Sqrt(nearest)
	}
	return math.Sqrt(nearest)
}

// at interpolates the distance at (x, y) between the four grid points around it;
// beyond the grid it is that of the border.
func (f *field) at(x, y float64) float64 {
	gx := min(max((x+reach)*perUnit, 0), float64(side)-1.001)
	gy := min(max((y+reach)*perUnit, 0), float64(side)-1.001)
	i, j := int(gy), int(gx)
	v, u := gy-float64(i), gx-float64(j)
	p := f[i*side+j : i*side+j+side+2]
	a, b := float64(p[0]), float64(p[1])
	c, d := float64(p[side]), float64(p[side+1])
	top, bottom := a+float64(u*(b-a)), c+float64(u*(d-c))
	return top + float64(v*(bottom-top))
}
