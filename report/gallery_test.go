package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"basin/study"
)

var galleryDir = flag.String("gallery", "", "folder to write every format of every scene to, for looking at")

// TestGallery writes all that the package can write of every scene, twice, and
// holds that both are the same.
func TestGallery(t *testing.T) {
	each(t, func(t *testing.T, name string, r *study.Results) {
		formats := map[string]func(*bytes.Buffer, *study.Results) error{
			".txt":  func(w *bytes.Buffer, r *study.Results) error { return Table(w, r, 0) },
			".csv":  func(w *bytes.Buffer, r *study.Results) error { return CSV(w, r) },
			".json": func(w *bytes.Buffer, r *study.Results) error { return JSON(w, r) },
			".html": func(w *bytes.Buffer, r *study.Results) error { return HTML(w, r) },
			".svg": func(w *bytes.Buffer, r *study.Results) error {
				return SVG(w, r, end, []string{"sharpness", "effective_rank", "ece"})
			},
		}
		for ext, write := range formats {
			var first, second bytes.Buffer
			if err := write(&first, r); err != nil {
				t.Fatal(err)
			}
			if err := write(&second, scenes()[name].results()); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first.Bytes(), second.Bytes()) {
				t.Errorf("%s%s is not the same twice", name, ext)
			}
			if *galleryDir == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(*galleryDir, name+ext), first.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	})
}
