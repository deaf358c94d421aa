package data

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// remedy is what to do about a file that is not what it should be.
const remedy = "download it again, or pass another folder with --data"

// A file of a data set goes by any of several names; the second is the plain one,
// by which messages call it.
type file []string

// gzippable is a file by its plain name, which may be compressed.
func gzippable(name string) file { return file{name + ".gz", name} }

// locate gives the path of a file under any of its names, and the plain one where
// there is none.
func (f file) locate(folder string) (path string, ok bool) {
	for _, name := range f {
		path := filepath.Join(folder, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, true
		}
	}
	return filepath.Join(folder, f[1]), false
}

// need is locate with an error that says what is there instead.
func (f file) need(folder string) (path string, err error) {
	path, ok := f.locate(folder)
	if ok {
		return path, nil
	}
	if err := f.obstacle(folder); err != nil {
		return "", err
	}
	return "", fmt.Errorf("%s is missing, and so is %s.gz; download it, or pass another folder with --data", path, filepath.Base(path))
}

// obstacle is the error of something else being where the file should be, if it is.
func (f file) obstacle(folder string) error {
	for _, name := range f {
		path := filepath.Join(folder, name)
		if _, err := os.Lstat(path); err != nil {
			continue
		}
		switch info, err := os.Stat(path); {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s is a link to nothing; %s", path, remedy)
		case err != nil:
			return err
		case info.IsDir():
			return fmt.Errorf("%s is a folder where a file should be; move the file in it here, or pass another folder with --data", path)
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is not a regular file; %s", path, remedy)
		}
	}
	return nil
}

// findFolder gives the folder with the files of a data set: the first of the folders
// named within dir that has any of them, so that a folder of several data sets never
// yields the wrong one, else dir.
func findFolder(dir string, folders []string, files ...file) (string, error) {
	if dir == "" {
		return "", errors.New("the data are read from files: pass their folder with --data")
	}
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("the folder %s does not exist: pass the folder of the files with --data", dir)
	case err != nil:
		return "", err
	case !info.IsDir():
		return "", fmt.Errorf("%s is not a folder: pass the folder of the files with --data", dir)
	}
	var looked []string
	for _, sub := range append(folders[:len(folders):len(folders)], ".") {
		folder := filepath.Join(dir, filepath.FromSlash(sub))
		for _, f := range files {
			if _, ok := f.locate(folder); ok {
				return folder, nil
			}
		}
		looked = append(looked, folder)
	}
	for _, folder := range looked {
		if err := files[0].obstacle(folder); err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("found no %s, with or without .gz, in %s: pass the folder of the files with --data",
		files[0][1], strings.Join(looked, ", "))
}

// inflated reads r, which may be compressed with gzip.
func inflated(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); string(magic) != "\x1f\x8b" {
		return in, nil
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("the gzip header is damaged: %w", err)
	}
	return bufio.NewReader(z), nil
}

// readBody fills body, all that is left of in. whole is what it holds, each item of
// size bytes, and bytes the length of the file.
func readBody(in *bufio.Reader, body []byte, whole counted, bytes int) error {
	got, err := io.ReadFull(in, body)
	switch {
	case cutShort(err):
		return fmt.Errorf("truncated: holds %s of %s (%s bytes expected)",
			grouped(got/(len(body)/whole.n)), whole, grouped(bytes))
	case err != nil:
		return err
	}
	// At the end of a gzip stream this compares its checksum, too.
	switch _, err := in.ReadByte(); {
	case err == nil:
		return fmt.Errorf("bytes follow the last of %s", whole)
	case !errors.Is(err, io.EOF):
		return fmt.Errorf("damaged behind the last of %s: %w", whole, err)
	}
	return nil
}

func cutShort(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// counted is a number of items, such as 2 images.
type counted struct {
	n    int
	item string
}

func (c counted) String() string {
	if c.n == 1 {
		return "1 " + c.item
	}
	return grouped(c.n) + " " + c.item + "s"
}

// grouped writes a number that is not negative with commas between thousands.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}
