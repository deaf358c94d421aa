// Package atomicfile writes files that are either whole or not there: a reader, or
// a crash at any moment, never sees half of one.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
)

// WriteFile makes data the contents of the file at path, in place of what was
// there. It has permissions perm before umask. After an error the old file stands
// as it was.
func WriteFile(path string, data []byte, perm fs.FileMode) error {
	f, err := Create(path, perm)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Commit()
}

// A File is a file being written under a temporary name beside its own. Its first
// error stays: Commit returns it again, so that a caller may write through a
// bufio.Writer or an encoder and look at Commit alone.
type File struct {
	path string
	temp *os.File
	err  error
	done bool
}

var _ io.Writer = (*File)(nil)

// Create begins the file at path; it appears there at Commit.
func Create(path string, perm fs.FileMode) (*File, error) {
	dir, name := filepath.Split(path)
	for {
		temp := filepath.Join(dir, fmt.Sprintf(".%s.%08x.tmp", name, rand.Uint32()))
		f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, writing(path, err)
		}
		return &File{path: path, temp: f}, nil
	}
}

// Write appends p.
func (f *File) Write(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.temp.Write(p)
	return n, f.keep(err)
}

// Commit puts the file in its place, on disk with all it holds. After an error,
// this one or an earlier one of Write, nothing is left of the new file.
func (f *File) Commit() error {
	if f.done {
		return f.err
	}
	f.done = true
	_ = f.keep(f.temp.Sync())
	_ = f.keep(f.temp.Close())
	if f.err == nil {
		_ = f.keep(os.Rename(f.temp.Name(), f.path))
	}
	if f.err != nil {
		_ = os.Remove(f.temp.Name())
		return f.err
	}
	return f.keep(syncDir(filepath.Dir(f.path)))
}

// Discard removes what was written. It does nothing after Commit, so that it can be
// deferred.
func (f *File) Discard() {
	if f.done {
		return
	}
	f.done = true
	f.err = fmt.Errorf("writing %s: it was discarded", f.path)
	_ = f.temp.Close()
	_ = os.Remove(f.temp.Name())
}

// keep remembers the first error, put in terms of the file's own name.
func (f *File) keep(err error) error {
	if f.err == nil && err != nil {
		f.err = writing(f.path, err)
	}
	return f.err
}

// writing names the file that was meant instead of the temporary one.
func writing(path string, err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		err = p.Err
	case errors.As(err, &l):
		err = l.Err
	}
	return fmt.Errorf("writing %s: %w", path, err)
}

// syncDir makes a rename within dir last; Windows has no such call and needs none.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Sweep removes what processes that were killed have left of files they were
// writing into dir. No other process may be writing there.
func Sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if temp, _ := filepath.Match(".*.????????.tmp", e.Name()); !temp {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
