package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"basin/run"
)

// progress shows how far many runs are and how long the rest will take: a bar on a
// terminal, a line now and then elsewhere.
type progress struct {
	out     io.Writer
	quiet   bool
	workers int

	mu    sync.Mutex
	began time.Time
	said  time.Time
	runs  []runProgress
	speed map[string]*speed // by optimizer, since their steps differ in price

	bars *mpb.Progress
	bar  *mpb.Bar
}

type runProgress struct {
	optimizer string
	began     time.Time
	from      int // the step it began at
	step      int
	steps     int
	ended     bool
}

// speed is the time spent on the steps made so far.
type speed struct {
	steps int
	spent time.Duration
}

const (
	lineEvery = 15 * time.Second // without a terminal
	drawEvery = 200 * time.Millisecond
)

// terminal is out, if a bar can be drawn there.
func terminal(out io.Writer, quiet bool) (*os.File, bool) {
	f, ok := out.(*os.File)
	return f, ok && !quiet && isatty.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb"
}

func newProgress(out io.Writer, quiet bool, workers, runs int) *progress {
	p := &progress{out: out, quiet: quiet, workers: workers, runs: make([]runProgress, runs), speed: map[string]*speed{}}
	p.began = time.Now()
	p.said = p.began
	if f, ok := terminal(out, quiet); ok {
		p.bars = mpb.New(mpb.WithOutput(f), mpb.WithWidth(40), mpb.WithRefreshRate(drawEvery))
		p.bar = p.bars.AddBar(int64(runs),
			mpb.PrependDecorators(decor.CountersNoUnit("%d of %d runs ")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.left() })),
			mpb.BarRemoveOnComplete())
	}
	return p
}

// watch gives the function by which run i tells of its steps.
func (p *progress) watch(i int, optimizer string) func(step, steps int) {
	p.runs[i].optimizer = optimizer
	return func(step, steps int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		r := &p.runs[i]
		if r.began.IsZero() {
			r.began, r.from = time.Now(), step
		}
		r.step, r.steps = step, steps
		p.say()
	}
}

// done is told of the end of run i.
func (p *progress) done(i int, o run.Outcome) {
	p.mu.Lock()
	r := &p.runs[i]
	r.ended = true
	if made := r.step - r.from; o.Fresh && made > 0 {
		s := p.speed[r.optimizer]
		if s == nil {
			s = &speed{}
			p.speed[r.optimizer] = s
		}
		s.steps += made
		s.spent += time.Since(r.began)
	}
	p.say()
	p.mu.Unlock()
	if p.bar != nil {
		p.bar.Increment()
	}
}

func (p *progress) close() {
	if p.bars != nil {
		p.bar.Abort(true)
		p.bars.Wait()
	}
}

// say writes a line where there is no terminal to draw a bar on.
func (p *progress) say() {
	if p.quiet || p.bars != nil || time.Since(p.said) < lineEvery {
		return
	}
	p.said = time.Now()
	ended := 0
	for _, r := range p.runs {
		if r.ended {
			ended++
		}
	}
	fmt.Fprintf(p.out, "%d of %d runs, %s\n", ended, len(p.runs), p.leftLocked())
}

func (p *progress) left() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.leftLocked()
}

// leftLocked tells the time passed and the time left: of each run that has not
// ended, the steps left times what a step of its optimizer took so far.
func (p *progress) leftLocked() string {
	passed := time.Since(p.began).Round(time.Second)
	price := map[string]float64{} // seconds per step
	var known, sum float64
	steps := 0
	for _, r := range p.runs {
		steps = max(steps, r.steps)
		if r.ended || r.began.IsZero() || r.step-r.from < 20 {
			continue
		}
		if _, ok := p.speed[r.optimizer]; !ok {
			price[r.optimizer] = time.Since(r.began).Seconds() / float64(r.step-r.from)
		}
	}
	for name, s := range p.speed {
		price[name] = s.spent.Seconds() / float64(s.steps)
	}
	for _, v := range price {
		known++
		sum += v
	}
	if known == 0 {
		return fmt.Sprintf("%v passed", passed)
	}
	left := 0.0
	for _, r := range p.runs {
		if r.ended {
			continue
		}
		each, ok := price[r.optimizer]
		if !ok {
			each = sum / known
		}
		todo := steps - r.step
		if r.steps > 0 {
			todo = r.steps - r.step
		}
		left += each * float64(todo)
	}
	if left == 0 {
		return fmt.Sprintf("%v passed, measuring the last solutions", passed)
	}
	rest := time.Duration(left / float64(p.workers) * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%v passed, about %v left", passed, rest)
}

// pairProgress shows how many pairs of solutions are measured.
type pairProgress struct {
	out   io.Writer
	quiet bool
	said  time.Time
	bars  *mpb.Progress
	bar   *mpb.Bar
}

func newPairProgress(out io.Writer, quiet bool) *pairProgress {
	return &pairProgress{out: out, quiet: quiet, said: time.Now()}
}

func (p *pairProgress) done(n, all int) {
	if f, ok := terminal(p.out, p.quiet); ok && p.bar == nil {
		p.bars = mpb.New(mpb.WithOutput(f), mpb.WithWidth(40), mpb.WithRefreshRate(drawEvery))
		p.bar = p.bars.AddBar(int64(all), mpb.PrependDecorators(decor.CountersNoUnit("%d of %d pairs of solutions ")), mpb.BarRemoveOnComplete())
	}
	switch {
	case p.bar != nil:
		p.bar.SetCurrent(int64(n))
	case !p.quiet && time.Since(p.said) >= lineEvery:
		p.said = time.Now()
		fmt.Fprintf(p.out, "%d of %d pairs of solutions measured\n", n, all)
	}
}

func (p *pairProgress) close() {
	if p.bars != nil {
		p.bar.Abort(true)
		p.bars.Wait()
	}
}
