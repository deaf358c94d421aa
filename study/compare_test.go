package study

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"basin/stat"
)

// made is a study of three optimizers: b lies planted above a in "high" and
// nowhere else; c diverged in its last run.
func made(seeds int) (*Study, []*Record) {
	s := &Study{
		Task: "t", Model: "m", Seeds: seeds, Points: []Point{{TrainLoss, .1}, {Kind: End}},
		Optimizers: []Optimizer{{"a", "a"}, {"b", "b"}, {"c", "c"}}, Budget: Budget{Steps, 10},
		Probes: []string{"p"}, Headlines: []string{"high", "same"},
	}
	var records []*Record
	for o := range s.Optimizers {
		for i := range seeds {
			rec := &Record{Run: s.Run(o, i), Key: s.Run(o, i).Key(), Witness: fmt.Sprint(i), Ending: Ending{Kind: Spent, Step: 10}}
			noise := math.Sin(float64(7*i + 3))
			wiggle := []float64{1, -1}[i%2] * float64(1+i/2)
			high, same := noise, noise
			switch o {
			case 1:
				high += 2 + 0.1*noise
				same += wiggle
			case 2:
				same -= wiggle
			}
			for _, p := range append(s.Points, Point{Steps, 5}) {
				sol := Solution{Point: p, Step: 10, Loss: .1, Measured: []Measurement{
					{"other", 1, []stat.Reading{stat.Exact("other", "other", "", 1)}},
					{"p", 1, []stat.Reading{
						stat.Exact("p", "high", "", high), stat.Exact("p", "same", "", same),
						stat.Exact("p", "aside", "", high), stat.Undefined("p", "never", "no such thing"),
					}},
				}}
				if o == 2 && i == seeds-1 {
					sol = Solution{Point: p, None: "diverged: the loss is NaN"}
					rec.Ending.Kind = Diverged
				}
				rec.Solutions = append(rec.Solutions, sol)
			}
			records = append(records, rec)
		}
	}
	return s, records
}

func row(t *testing.T, r *Results, point int, name string) Row {
	t.Helper()
	for _, row := range r.Tables[point].Rows {
		if row.Name == name {
			return row
		}
	}
	t.Fatalf("no row %q at %s", name, r.Tables[point].Point)
	return Row{}
}

// Points along training are read, kept and told of, and leave every test as it is.
func TestCompareAlong(t *testing.T) {
	s, records := made(8)
	plain, err := Compare(s, records)
	if err != nil {
		t.Fatal(err)
	}
	s.Series = []Series{{Steps, 5, 5, 1}}
	r, err := Compare(s, records)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Along) != 1 || r.Along[0].Point != (Point{Steps, 5}) || r.Along[0].Reached[2] != 7 {
		t.Fatalf("along: %+v", r.Along)
	}
	for _, row := range r.Along[0].Rows {
		for _, c := range row.Cells {
			if c.Contrast != nil || row.Name == "high" && c.N == 0 {
				t.Errorf("%s: %+v", row.Name, c)
			}
		}
	}
	if a, b := fmt.Sprint(r.Tests), fmt.Sprint(plain.Tests); a != b || len(r.Tables) != len(plain.Tables) {
		t.Errorf("tests %s, without points along training %s", a, b)
	}
	if _, ok := r.at(0, 0).Solution(Point{Steps, 5}); !ok || !strings.Contains(strings.Join(r.Notes, "\n"), "Along training, 1 point is recorded and drawn but not tested") {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestCompare(t *testing.T) {
	s, records := made(8)
	r, err := Compare(s, records)
	if err != nil {
		t.Fatal(err)
	}
	if r.Tests.Family != 4 || r.Tests.Contrasts != 2 || r.Tests.SmallestP != 2./256 || !r.Tests.Enough {
		t.Errorf("tests: %+v", r.Tests)
	}
	high := row(t, r, 0, "high")
	if c := high.Cells[0].Contrast; c != nil {
		t.Errorf("the reference is compared with itself: %+v", c)
	}
	c := high.Cells[1].Contrast
	if !c.Differs(Alpha) || c.P != 2./256 || c.PMax != 2./256 || c.PAdj != 4./256 || c.N != 8 {
		t.Errorf("the planted difference is not found: %+v", c)
	}
	if !(c.Lo > 1.5 && c.Lo < c.Diff && c.Diff < c.Hi && c.Hi < 2.5) {
		t.Errorf("interval of a difference of 2: [%v, %v] about %v", c.Lo, c.Hi, c.Diff)
	}
	if c := row(t, r, 0, "same").Cells[1].Contrast; c.Differs(Alpha) || c.PAdj < .9 {
		t.Errorf("a difference where there is none: %+v", c)
	}
	if row := row(t, r, 0, "aside"); row.Headline || row.Cells[1].Contrast != nil {
		t.Errorf("a reading that was not declared is tested: %+v", row)
	}
	if c := row(t, r, 1, "never").Cells[0]; c.N != 0 || c.None != "no such thing" || c.Mean.Ok() {
		t.Errorf("a reading without value: %+v", c)
	}
	if got := r.Tables[1].Reached; got[1] != 8 || got[2] != 7 {
		t.Errorf("reached: %v", got)
	}
	if c := row(t, r, 0, "high").Cells[2]; c.N != 7 || c.Contrast.N != 7 || c.Values[7].Ok() {
		t.Errorf("a diverged run: %+v", c)
	}
	notes := strings.Join(r.Notes, "\n")
	for _, want := range []string{"not tuned", "c diverged in 1 of 8", "c came to train_loss=0.1 in 7 of 8"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes lack %q:\n%s", want, notes)
		}
	}
}

// What else a store was asked for must not show in results.
func TestCompareLeavesOutTheRest(t *testing.T) {
	s, records := made(3)
	r, err := Compare(s, records)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), `"other"`) || strings.Contains(string(b), `"steps","value":5`) {
		t.Error("results hold points or probes that the study did not ask for")
	}
	var again Results
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	b2, err := json.Marshal(&again)
	if err != nil || string(b) != string(b2) {
		t.Errorf("results read and written again differ (%v)", err)
	}
}

func TestTooFewSeeds(t *testing.T) {
	s, records := made(3)
	r, err := Compare(s, records)
	if err != nil {
		t.Fatal(err)
	}
	if r.Tests.Enough || r.Tests.SeedsFor != 7 { // 2 contrasts: 2 * 2/2^n <= .05
		t.Errorf("tests: %+v", r.Tests)
	}
	if !strings.Contains(strings.Join(r.Notes, "\n"), "3 seeds are too few") {
		t.Errorf("notes: %q", r.Notes)
	}
}

func TestQuestion(t *testing.T) {
	s, _ := made(8)
	more := *s
	more.Seeds = 9
	other := *s
	other.Points = other.Points[:1]
	if s.Question() != more.Question() || s.Question() == other.Question() {
		t.Error("a question is not told apart from the number of its seeds")
	}
}

// A point that no run came to has a table without rows, and solutions without
// numbers.
func TestNothingReached(t *testing.T) {
	s, records := made(2)
	for _, rec := range records {
		rec.Solutions[0] = Solution{Point: s.Points[0], None: "the budget ended"}
	}
	r, err := Compare(s, records)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"reached":[0,0,0],"rows":[]`, `{"point":{"kind":"train_loss","value":0.1},"none":"the budget ended"}`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("results lack %s", want)
		}
	}
}

func TestUnmatchedRunsAreRefused(t *testing.T) {
	s, records := made(3)
	records[4].Witness = "another"
	if _, err := Compare(s, records); err == nil || !strings.Contains(err.Error(), "seed 2") {
		t.Errorf("got %v", err)
	}
}

func TestOneOptimizerAlone(t *testing.T) {
	s, records := made(1)
	s.Optimizers = s.Optimizers[:1]
	r, err := Compare(s, records[:1])
	if err != nil {
		t.Fatal(err)
	}
	if c := row(t, r, 0, "high").Cells[0]; c.N != 1 || !c.Mean.Ok() || c.SD.Ok() || c.Lo.Ok() {
		t.Errorf("one run: %+v", c)
	}
}
