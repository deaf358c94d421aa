package atomicfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// files lists the names in dir.
func files(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestWriteFileReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for _, want := range [][]byte{[]byte("first, and long"), []byte("second"), nil, bytes.Repeat([]byte{7}, 1<<20)} {
		if err := WriteFile(path, want, 0o640); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("read %d bytes, %v, want %d", len(got), err, len(want))
		}
		if s := files(t, dir); s != "a" {
			t.Fatalf("the folder holds %s", s)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if m := info.Mode(); runtime.GOOS != "windows" && m&^0o640 != 0 {
		t.Errorf("mode is %v, more than was asked", m)
	}
}

func TestRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := WriteFile("a", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s := files(t, "."); s != "a" {
		t.Fatalf("the folder holds %s", s)
	}
}

func TestOldFileStandsUntilCommit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	is := func(want string) {
		t.Helper()
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Fatalf("read %q, %v, want %q", got, err, want)
		}
	}
	f, err := Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	is("old")
	f.Discard()
	f.Discard()
	is("old")
	if err := f.Commit(); err == nil {
		t.Error("Commit after Discard should fail")
	}
	is("old")
	if s := files(t, dir); s != "a" {
		t.Fatalf("the folder holds %s", s)
	}

	f, err = Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"ne", "w"} {
		if _, err := f.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	is("old")
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	f.Discard()
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	is("new")
}

func TestErrorsNameTheFile(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "folder")
	if err := os.MkdirAll(filepath.Join(folder, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		is   error
	}{
		{filepath.Join(dir, "missing", "a"), fs.ErrNotExist},
		{folder, nil}, // a folder cannot be replaced by a file
	} {
		err := WriteFile(c.path, []byte("x"), 0o600)
		if err == nil || !strings.HasPrefix(err.Error(), "writing "+c.path+": ") || strings.Contains(err.Error(), ".tmp") {
			t.Errorf("%s: got %v", c.path, err)
		}
		if c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v is not %v", c.path, err, c.is)
		}
	}
	if s := files(t, dir); s != "folder" {
		t.Fatalf("the folder holds %s", s)
	}
}

// The first failure of a write must reach Commit, though later writes succeed.
func TestFailedWriteIsKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	f, err := Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	real := f.temp
	closed, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	f.temp = closed
	if _, err := f.Write([]byte("x")); !errors.Is(err, os.ErrClosed) {
		t.Fatalf("write gave %v", err)
	}
	f.temp = real
	if _, err := f.Write([]byte("y")); !errors.Is(err, os.ErrClosed) {
		t.Fatalf("second write gave %v", err)
	}
	if err := f.Commit(); !errors.Is(err, os.ErrClosed) {
		t.Fatalf("commit gave %v", err)
	}
	if s := files(t, dir); s != "" {
		t.Fatalf("the folder holds %s", s)
	}
}

func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here:", err)
	}
	dir := t.TempDir()
	f, err := Create(filepath.Join(dir, "a"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Discard()
	temp := f.temp
	f.temp = full
	_, err = f.Write([]byte("x"))
	f.temp = temp
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want that no space is left", err)
	}
	if err := full.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	f, err := Create(filepath.Join(dir, "half"), 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Discard()
	whole := filepath.Join(dir, "whole.tmp")
	if err := WriteFile(whole, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Sweep(dir); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 || left[0].Name() != "whole.tmp" {
		t.Errorf("left: %v (%v)", left, err)
	}
}
