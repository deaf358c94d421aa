package kernel

// An area counts rows and columns, of pixels or of weights.
type area struct{ h, w int }

// A grid has its place (i, j) at i*row + j*col from at.
type grid struct{ at, row, col int }

func (g *grid) place(i, j int) int { return g.at + i*g.row + j*g.col }

// A frame is a picture with zeros around it, or only a part of the picture.
type frame struct {
	picture   area
	channels  int
	top, left int  // where the picture begins
	all       area // the size of the frame
}

// framed is a picture in its padding.
func (v *ConvShape) framed() frame {
	return frame{area{v.H, v.W}, v.C, v.Pad, v.Pad, area{v.H + 2*v.Pad, v.W + 2*v.Pad}}
}

func (f *frame) size() int { return f.all.h * f.all.w * f.channels }

// groupLen is the number of elements, of framed pictures and what is made of them,
// that are worked on at a time, so that they stay in the second-level cache.
const groupLen = 64 << 10

// group is the number of pictures to work on at a time if each makes out elements.
func (f *frame) group(out int) int { return max(1, groupLen/(f.size()+out)) }

// covers tells whether the frame is the picture, no more and no less.
func (f *frame) covers() bool { return f.top == 0 && f.left == 0 && f.all == f.picture }

// fill gives n pictures in their frames, which follow one another, in room if need be.
func fill[T Float](room *[]T, f *frame, pictures []T, n int) []T {
	if f.covers() {
		return pictures
	}
	row := f.all.w * f.channels
	// Columns from begin to end of the frame show the picture.
	begin := max(f.left, 0)
	end := max(begin, min(f.left+f.picture.w, f.all.w))
	framed := grow(room, n*f.size())
	for k := range n {
		for i := range f.all.h {
			dst := framed[(k*f.all.h+i)*row:][:row]
			y := i - f.top
			if y < 0 || y >= f.picture.h {
				clear(dst)
				continue
			}
			src := pictures[((k*f.picture.h+y)*f.picture.w+begin-f.left)*f.channels:]
			clear(dst[:begin*f.channels])
			copy(dst[begin*f.channels:end*f.channels], src)
			clear(dst[end*f.channels:])
		}
	}
	return framed
}

// bare gives n frames of undefined content, in the place of pictures if that will do, else
// in room.
func bare[T Float](room *[]T, f *frame, pictures []T, n int) []T {
	if f.covers() {
		return pictures
	}
	return grow(room, n*f.size())
}

// crop copies n pictures out of frames that bare has given for them, which begin where
// the pictures do.
func crop[T Float](pictures []T, f *frame, frames []T, n int) {
	if f.covers() {
		return
	}
	row := f.picture.w * f.channels
	for i := range n * f.picture.h {
		copy(pictures[i*row:][:row], frames[(i/f.picture.h*f.all.h+i%f.picture.h)*f.all.w*f.channels:])
	}
}
