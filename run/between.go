package run

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"basin/probe"
	"basin/problem"
	"basin/study"
	"basin/task"
)

// A PairStore keeps what was measured between the solutions of two runs beside what a Store
// keeps of each.
type PairStore interface {
	Solution(key, point string) (body []byte, ok bool, err error)
	Pair(a, b string) (body []byte, ok bool, err error)
	// CommitPairs keeps bodies by the keys of the two runs, all or nothing.
	CommitPairs(bodies map[[2]string][]byte) error
}

// A Survey is what is to be measured between the solutions of a study.
type Survey struct {
	Data    *task.Data
	Records []*study.Record
	Points  []study.Point   // at which solutions of several runs are compared
	Courses [][]study.Point // along which those of one run are, each in the order of training
	Probes  []probe.Bound   // of which those count that are no Single ones
	// Progress, where not nil, is told how many pairs are done, one at a time.
	Progress func(done, all int)
}

// Between gives what lies between the solutions of a survey, in the order of points and
// records. What the store holds is not measured again; what was measured is in the store, also
// after an interruption. No number depends on the workers.
func Between(ctx context.Context, store PairStore, s *Survey, workers int) ([]study.Pair, error) {
	l := &ledger{store: store, known: map[[2]string][]study.Pair{}, dirty: map[[2]string]bool{}, kept: time.Now()}
	members, at := s.members(store)
	pairs := s.pairs(members)
	var todo []Comparison
	for _, p := range pairs {
		known, err := l.pair(p.Pair)
		if err != nil {
			return nil, err
		}
		missing := slices.DeleteFunc(slices.Clone(p.measures), func(m probe.Bound) bool {
			measured, ok := known.Measurement(m.Recipe())
			return ok && measured.Revision == probe.Revision
		})
		if len(missing) > 0 {
			todo = append(todo, Comparison{at[p.A], at[p.B], missing})
		}
	}
	done := 0
	err := Compare(ctx, s.Data, members, todo, workers, func(c Comparison, measured []study.Measurement) error {
		if done++; s.Progress != nil {
			s.Progress(done, len(todo))
		}
		return l.add(study.PairOf(members[c.A].Place, members[c.B].Place), measured)
	})
	if unkept := l.commit(); err == nil {
		err = unkept
	}
	if err != nil {
		return nil, err
	}
	out := make([]study.Pair, len(pairs))
	for i, p := range pairs {
		known, err := l.pair(p.Pair)
		if err != nil {
			return nil, err
		}
		out[i] = p.Pair
		for _, m := range p.measures {
			measured, _ := known.Measurement(m.Recipe())
			out[i].Measured = append(out[i].Measured, *measured)
		}
	}
	return out, nil
}

// members are the solutions there are, and where each stands among them.
func (s *Survey) members(store PairStore) ([]Member, map[study.Place]int) {
	var members []Member
	at := map[study.Place]int{}
	points := slices.Clone(s.Points)
	for _, course := range s.Courses {
		for _, p := range course {
			if !slices.Contains(points, p) {
				points = append(points, p)
			}
		}
	}
	for _, p := range points {
		for _, rec := range s.Records {
			if sol, ok := rec.Solution(p); !ok || sol.None != "" {
				continue
			}
			place := study.Place{Key: rec.Key, Point: p}
			at[place] = len(members)
			members = append(members, Member{Place: place, Seed: rec.Run.Seed, Seeded: true,
				Load: func(p *problem.Problem[float32]) ([]float32, error) { return loadKept(store, place, p) }})
		}
	}
	return members, at
}

// A wanted pair is one with the measures that are for it.
type wanted struct {
	study.Pair
	measures []probe.Bound
}

// pairs are those that some measure is for.
func (s *Survey) pairs(members []Member) []wanted {
	runs := map[string]study.Run{}
	for _, rec := range s.Records {
		runs[rec.Key] = rec.Run
	}
	var pairs []wanted
	for j, b := range members {
		for _, a := range members[:j] {
			var measures []probe.Bound
			for _, m := range s.Probes {
				if s.concerns(m.Doc.Pairs, a.Place, b.Place, runs) {
					measures = append(measures, m)
				}
			}
			if measures != nil {
				pairs = append(pairs, wanted{study.PairOf(a.Place, b.Place), measures})
			}
		}
	}
	return pairs
}

// concerns tells whether two places are among those of a pairing.
func (s *Survey) concerns(of probe.Pairing, a, b study.Place, runs map[string]study.Run) bool {
	together := a.Point == b.Point && slices.Contains(s.Points, a.Point)
	switch of {
	case probe.Everyone:
		return together
	case probe.Kin:
		p, q := runs[a.Key], runs[b.Key]
		return together && (p.Seed == q.Seed || p.Optimizer == q.Optimizer)
	case probe.Course:
		return a.Key == b.Key && slices.ContainsFunc(s.Courses, func(course []study.Point) bool {
			i, j := slices.Index(course, a.Point), slices.Index(course, b.Point)
			return i >= 0 && j >= 0 && (j == i+1 || i == j+1)
		})
	}
	return false
}

// A ledger is what a store holds of pairs, and what has come to it.
type ledger struct {
	store PairStore
	known map[[2]string][]study.Pair // by the keys of the runs
	dirty map[[2]string]bool
	kept  time.Time // when it was last committed
}

// runs gives all that is known between two runs.
func (l *ledger) runs(k [2]string) ([]study.Pair, error) {
	if list, ok := l.known[k]; ok {
		return list, nil
	}
	body, ok, err := l.store.Pair(k[0], k[1])
	if err != nil {
		return nil, err
	}
	var list []study.Pair
	if ok {
		if err := json.Unmarshal(body, &list); err != nil {
			return nil, fmt.Errorf("store: what was measured between the runs %s and %s cannot be read: %w; remove the store to make it again", k[0], k[1], err)
		}
	}
	l.known[k] = list
	return list, nil
}

// pair gives what is known of a pair.
func (l *ledger) pair(p study.Pair) (*study.Pair, error) {
	list, err := l.runs([2]string{p.A.Key, p.B.Key})
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].A == p.A && list[i].B == p.B {
			return &list[i], nil
		}
	}
	return &study.Pair{A: p.A, B: p.B}, nil
}

// add notes what was measured, in place of what was before.
func (l *ledger) add(p study.Pair, measured []study.Measurement) error {
	k := [2]string{p.A.Key, p.B.Key}
	list, err := l.runs(k)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(q study.Pair) bool { return q.A == p.A && q.B == p.B })
	if i < 0 {
		i, list = len(list), append(list, study.Pair{A: p.A, B: p.B})
	}
	for _, m := range measured {
		if old, ok := list[i].Measurement(m.Probe); ok {
			*old = m
		} else {
			list[i].Measured = append(list[i].Measured, m)
		}
	}
	slices.SortFunc(list[i].Measured, func(a, b study.Measurement) int { return strings.Compare(a.Probe, b.Probe) })
	slices.SortFunc(list, func(a, b study.Pair) int {
		return strings.Compare(a.A.Point.String()+" "+a.B.Point.String(), b.A.Point.String()+" "+b.B.Point.String())
	})
	l.known[k], l.dirty[k] = list, true
	if time.Since(l.kept) < checkpointEvery {
		return nil
	}
	return l.commit()
}

// commit keeps what has come since the last time.
func (l *ledger) commit() error {
	if len(l.dirty) == 0 {
		return nil
	}
	bodies := map[[2]string][]byte{}
	for k := range l.dirty {
		body, err := json.Marshal(l.known[k])
		if err != nil {
			return fmt.Errorf("writing what was measured between the runs %s and %s: %w", k[0], k[1], err)
		}
		bodies[k] = body
	}
	clear(l.dirty)
	l.kept = time.Now()
	return l.store.CommitPairs(bodies)
}
