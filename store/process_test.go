package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The environment variables that make the test binary a second basin: the file to
// write to, and the first run to commit.
const (
	childPath = "BASIN_STORE_TEST_PATH"
	childFrom = "BASIN_STORE_TEST_FROM"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		err := commitForever(path, os.Getenv(childFrom))
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// commitForever commits one run after another and prints the number of each that
// is kept.
func commitForever(path, from string) error {
	s, err := Open(path)
	if err != nil {
		return err
	}
	first, err := strconv.Atoi(from)
	if err != nil {
		return err
	}
	fmt.Println("open")
	for i := first; ; i++ {
		key := strconv.Itoa(i)
		if err := s.PutCheckpoint(key, runBody(i, "checkpoint")); err != nil {
			return err
		}
		if err := s.Commit(key, runBody(i, "record"), map[string][]byte{"a": runBody(i, "a"), "b": runBody(i, "b")}); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

// runBody is what run i keeps, up to 400 KB.
func runBody(i int, what string) []byte {
	r := rand.New(rand.NewPCG(uint64(i), uint64(len(what))<<8|uint64(what[0])))
	block := make([]byte, 64)
	for j := range block {
		block[j] = byte(r.Uint32())
	}
	return bytes.Repeat(block, r.IntN(6000))
}

// A child is another process that has a store open and writes to it.
type child struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func startChild(t *testing.T, path string, from int) *child {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childPath+"="+path, childFrom+"="+strconv.Itoa(from))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	c := &child{cmd: cmd, lines: bufio.NewScanner(out)}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	if !c.lines.Scan() || c.lines.Text() != "open" {
		t.Fatalf("the other process said %q", c.lines.Text())
	}
	return c
}

// kill lets the child report some runs, ends it as SIGKILL does, and returns the
// last run it had reported by then.
func (c *child) kill(t *testing.T, reports int) (last int) {
	t.Helper()
	for range reports {
		if !c.lines.Scan() {
			t.Fatal("the other process ended by itself")
		}
		var err error
		last, err = strconv.Atoi(c.lines.Text())
		must(t, err)
	}
	time.Sleep(time.Duration(rand.Int64N(int64(5 * time.Millisecond))))
	must(t, c.cmd.Process.Kill())
	for c.lines.Scan() {
		n, err := strconv.Atoi(c.lines.Text())
		if err != nil {
			break // a line cut short
		}
		last = n
	}
	_ = c.cmd.Wait() // it was killed
	return last
}

// TestKill kills a writing process again and again; every run it had reported is
// there in full, and of the one after it all or nothing.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	const rounds = 8
	next, torn, hot := 0, 0, 0
	for round := range rounds {
		c := startChild(t, path, next)
		last := c.kill(t, 1+rand.IntN(8))
		if journal, err := os.ReadFile(path + "-journal"); err == nil && len(journal) > 0 && journal[0] != 0 {
			hot++
		}
		s, err := Open(path)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		must(t, s.Check())
		for i := range last + 1 {
			if kept, err := holds(s, i); !kept || err != nil {
				t.Fatalf("round %d: run %d of %d reported: %v, %v", round, i, last, kept, err)
			}
		}
		kept, err := holds(s, last+1)
		must(t, err)
		next = last + 1
		if kept {
			torn++
			next++
		}
		if kept, err := holds(s, next); kept || err != nil {
			t.Fatalf("round %d: run %d was never written: %v, %v", round, next, kept, err)
		}
		must(t, s.Close())
	}
	t.Logf("%d runs in %d processes; %d killed within a transaction, %d between one and its report", next, rounds, hot, torn)
}

// holds reports whether run i is kept. It is an error if a part of it alone is.
func holds(s *Store, i int) (bool, error) {
	key := strconv.Itoa(i)
	record, ok, err := s.Record(key)
	if err != nil {
		return false, err
	}
	points, err := s.Solutions(key)
	if err != nil {
		return false, err
	}
	if !ok {
		if len(points) > 0 {
			return false, fmt.Errorf("run %d has solutions at %q but no record", i, points)
		}
		return false, nil
	}
	a, _, errA := s.Solution(key, "a")
	b, _, errB := s.Solution(key, "b")
	_, checkpoint, errC := s.Checkpoint(key)
	if err := errors.Join(errA, errB, errC); err != nil {
		return false, err
	}
	if checkpoint || !bytes.Equal(record, runBody(i, "record")) || !bytes.Equal(a, runBody(i, "a")) || !bytes.Equal(b, runBody(i, "b")) {
		return false, fmt.Errorf("run %d is kept in part (checkpoint %v)", i, checkpoint)
	}
	return true, nil
}

func TestInUseByAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	c := startChild(t, path, 0)
	if _, err := Open(path); !errors.Is(err, ErrInUse) {
		t.Errorf("while another process has it open: got %v", err)
	}
	c.kill(t, 1)
	s := open(t, path)
	must(t, s.Check())
}

// Of several processes that make the same store at the same moment one gets it.
func TestRaceToMakeAStore(t *testing.T) {
	const processes, rounds = 4, 3
	for round := range rounds {
		path := filepath.Join(t.TempDir(), "s.db")
		self, err := os.Executable()
		must(t, err)
		says := make(chan string, processes)
		var running []*exec.Cmd
		for range processes {
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), childPath+"="+path, childFrom+"=0")
			out, err := cmd.StdoutPipe()
			must(t, err)
			cmd.Stderr = cmd.Stdout
			must(t, cmd.Start())
			running = append(running, cmd)
			go func() {
				line, _ := bufio.NewReader(out).ReadString('\n')
				says <- strings.TrimSpace(line)
			}()
		}
		opened := 0
		for range processes {
			switch s := <-says; {
			case s == "open":
				opened++
			case !strings.Contains(s, ErrInUse.Error()):
				t.Errorf("round %d: a process said %q", round, s)
			}
		}
		if opened != 1 {
			t.Errorf("round %d: %d processes have the store", round, opened)
		}
		for _, cmd := range running {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		must(t, open(t, path).Check())
	}
}
