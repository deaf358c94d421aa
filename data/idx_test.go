package data

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// idx makes a file in the IDX format.
func idx(body []byte, sizes ...int) []byte {
	b := []byte{0, 0, 8, byte(len(sizes))}
	for _, s := range sizes {
		b = binary.BigEndian.AppendUint32(b, uint32(s))
	}
	return append(b, body...)
}

func gzipped(t testing.TB, b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func ramp(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7)
	}
	return b
}

func TestIDX(t *testing.T) {
	images, labels := idxFile{"image", 5, 2, 3}, idxFile{item: "label", n: 5}
	good := idx(ramp(30), 5, 2, 3)
	packed := gzipped(t, good)
	wrongSum := bytes.Clone(packed)
	wrongSum[len(wrongSum)-8] ^= 1
	for _, c := range []struct {
		name string
		want idxFile
		file []byte
		err  string // empty: none
	}{
		{"images", images, good, ""},
		{"images, gzipped", images, packed, ""},
		{"labels", labels, idx(ramp(5), 5), ""},
		{"empty", images, nil, "truncated: it ends within the header"},
		{"header cut", images, good[:15], "truncated: it ends within the header"},
		{"body cut", images, good[:16+20], "truncated: holds 3 of 5 images (46 bytes expected)"},
		{"no body", images, good[:16], "truncated: holds 0 of 5 images (46 bytes expected)"},
		{"labels cut", labels, idx(ramp(4), 5), "truncated: holds 4 of 5 labels (13 bytes expected)"},
		{"gzip cut", images, packed[:len(packed)/2], "truncated: holds"},
		{"gzip cut in its checksum", images, packed[:len(packed)-3], "damaged behind the last of 5 images: unexpected EOF"},
		{"gzip header cut", images, packed[:5], "the gzip header is damaged"},
		{"gzip checksum", images, wrongSum, "damaged behind the last of 5 images: gzip: invalid checksum"},
		{"too long", images, append(bytes.Clone(good), 0), "bytes follow the last of 5 images"},
		{"too long, gzipped", images, gzipped(t, append(bytes.Clone(good), 0)), "bytes follow the last of 5 images"},
		{"labels for images", images, idx(ramp(5), 5), "not an IDX file of images: its magic number is 0x00000801, not 0x00000803"},
		{"images for labels", labels, good, "not an IDX file of labels: its magic number is 0x00000803, not 0x00000801"},
		{"text", labels, []byte("<html>404</html>"), "not an IDX file of labels: its magic number is 0x3c68746d, not 0x00000801"},
		{"other pixels", images, idx(ramp(30), 5, 3, 2), "its images are 3 x 2 pixels, not 2 x 3"},
		{"fewer", images, idx(ramp(24), 4, 2, 3), "is of 4 images, not of 5"},
		{"one", labels, idx(ramp(1), 1), "is of 1 label, not of 5"},
		{"absurd", images, idx(ramp(44), 1<<31, 2, 3), "is of 2,147,483,648 images, not of 5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file-idx")
			if err := os.WriteFile(path, c.file, 0o600); err != nil {
				t.Fatal(err)
			}
			body, err := c.want.read(path)
			if c.err == "" {
				if err != nil || !bytes.Equal(body, ramp(c.want.bytes())) {
					t.Fatalf("read %v, error %v", body, err)
				}
				return
			}
			if err == nil {
				t.Fatalf("no error; want %q", c.err)
			}
			if got := err.Error(); !strings.HasPrefix(got, path+": "+c.err) || !strings.HasSuffix(got, "; "+remedy) || strings.Contains(got, "\n") {
				t.Errorf("error\n%s\nwant it to start with\n%s", got, path+": "+c.err)
			}
		})
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 47_040_016: "47,040,016", 1_000_000: "1,000,000"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %s", n, got)
		}
	}
}

func FuzzIDX(f *testing.F) {
	want := idxFile{"image", 3, 2, 2}
	good := idx(ramp(12), 3, 2, 2)
	for _, b := range [][]byte{good, gzipped(f, good), good[:20], idx(ramp(44), 1<<31, 2, 2), {0x1f, 0x8b}, nil} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		body, err := want.parse(bytes.NewReader(b))
		switch {
		case err == nil && len(body) != 12:
			t.Errorf("%d bytes without an error", len(body))
		case err == nil && !bytes.HasPrefix(b, []byte{0x1f, 0x8b}) && !bytes.Equal(idx(body, 3, 2, 2), b):
			t.Error("read something other than the file")
		case err != nil && strings.Contains(err.Error(), "\n"):
			t.Errorf("an error of several lines: %v", err)
		}
	})
}
