package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"basin/study"
)

func pageOf(t *testing.T, r *study.Results) string {
	t.Helper()
	var out bytes.Buffer
	if err := HTML(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// body is the page without its scripts and style.
func body(page string) string {
	return regexp.MustCompile(`(?s)<(script|style).*?</(script|style)>`).ReplaceAllString(page, "")
}

var inline = regexp.MustCompile(`(?s)<script>(.*?)</script>`)

// TestPageNeedsNothingBesideIt holds that nothing is requested, that the policy
// would refuse it, and that the policy admits exactly the scripts that are there.
func TestPageNeedsNothingBesideIt(t *testing.T) {
	page := pageOf(t, usual().results())
	for _, bad := range []string{`(?i)(src|href|srcset|action|data|poster)\s*=\s*["']?\s*(https?:)?//`, `(?i)<link`, `(?i)@import`, `(?i)url\(`, `(?i)<(iframe|img|object|embed|form)\b`} {
		if found := regexp.MustCompile(bad).FindString(body(page)); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
	if strings.Contains(page, "sourceMappingURL") {
		t.Error("the page refers to a source map")
	}
	policy := html.UnescapeString(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1])
	if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe-eval") || strings.Contains(policy, "script-src 'unsafe") {
		t.Errorf("policy %q", policy)
	}
	found := inline.FindAllStringSubmatch(page, -1)
	for _, script := range found {
		sum := sha256.Sum256([]byte(script[1]))
		if hash := base64.StdEncoding.EncodeToString(sum[:]); !strings.Contains(policy, "'sha256-"+hash+"'") {
			t.Errorf("the policy refuses the script that begins %.60q", script[1])
		}
	}
	if n := strings.Count(policy, "'sha256-"); n != len(scripts) || len(found) != n {
		t.Errorf("%d scripts, %d hashes, %d expected", len(found), n, len(scripts))
	}
}

// charts reads the page's charts back.
func chartsOf(t *testing.T, page string) (specs map[string]json.RawMessage) {
	t.Helper()
	data := regexp.MustCompile(`(?s)<script type="application/json" id="charts">(.*?)</script>`).FindStringSubmatch(page)
	if data == nil {
		t.Fatal("the page has no charts")
	}
	var all struct {
		Specs    map[string]json.RawMessage
		Datasets map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(data[1]), &all); err != nil {
		t.Fatal(err)
	}
	return all.Specs
}

// TestPageHoldsEverything holds that each chart has a place and a specification,
// each section that is linked exists, ids are unique, and everything that is told
// of the study is on the page.
func TestPageHoldsEverything(t *testing.T) {
	each(t, func(t *testing.T, _ string, r *study.Results) {
		page := pageOf(t, r)
		text := html.UnescapeString(body(page))
		specs := chartsOf(t, page)
		places := regexp.MustCompile(`data-chart="([^"]*)"`).FindAllStringSubmatch(page, -1)
		for _, place := range places {
			if _, ok := specs[place[1]]; !ok {
				t.Errorf("%s has no specification", place[1])
			}
			delete(specs, place[1])
		}
		if len(specs) > 0 {
			t.Errorf("%d charts have no place", len(specs))
		}
		ids := map[string]bool{}
		for _, id := range regexp.MustCompile(`\sid="([^"]*)"`).FindAllStringSubmatch(body(page), -1) {
			if ids[id[1]] {
				t.Errorf("two elements have id %q", id[1])
			}
			ids[id[1]] = true
		}
		for _, link := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(body(page), -1) {
			if !ids[link[1]] {
				t.Errorf("a link leads to %q, which is not there", link[1])
			}
		}
		want := append([]string{r.Study.Task, r.Study.Model, r.Study.Data, r.Study.Kernel, r.Study.Budget.String()}, r.Notes...)
		want = append(append(want, r.Study.Probes...), r.Study.Headlines...)
		for _, o := range r.Study.Optimizers {
			want = append(want, o.Label, o.Recipe)
		}
		for _, rec := range r.Records {
			want = append(append(want, rec.Key, rec.Ending.Why), rec.Warnings...)
			for _, sol := range rec.Solutions {
				want = append(want, sol.None)
			}
		}
		for _, tab := range r.Tables {
			for _, row := range tab.Rows {
				for _, c := range row.Cells {
					want = append(want, c.Warnings...)
				}
			}
		}
		for _, s := range want {
			if !strings.Contains(text, s) {
				t.Errorf("the page does not say %q", s)
			}
		}
	})
}

// TestEveryDifferenceIsMarked counts the significant contrasts in the results, in
// the page's tables, in the page's summary, in the text tables and in the text
// list.
func TestEveryDifferenceIsMarked(t *testing.T) {
	each(t, func(t *testing.T, name string, r *study.Results) {
		want, readings := 0, 0
		for o := range r.Study.Optimizers {
			readings += len(findings(r, o))
			for i := range r.Tables {
				for _, row := range r.Tables[i].Rows {
					if row.Cells[o].Contrast.Differs(r.Tests.Alpha) {
						want++
					}
				}
			}
		}
		if slices.Contains([]string{"usual", "rough", "many", "along"}, name) == (want == 0) {
			t.Fatalf("the scene has %d differences", want)
		}
		page := body(pageOf(t, r))
		if got := len(regexp.MustCompile(`<td class="(up|down)"`).FindAllString(page, -1)); got != want {
			t.Errorf("the page's tables mark %d of %d", got, want)
		}
		_, section, _ := strings.Cut(page, `<section id="tables">`)
		section, _, _ = strings.Cut(section, "</section>")
		if got := strings.Count(section, "↑*") + strings.Count(section, "↓*"); got != want {
			t.Errorf("the page's tables have %d arrows for %d", got, want)
		}
		summary, _, _ := strings.Cut(page, `<p class="key">`)
		if got := strings.Count(summary, `<span class="shift`); got != readings {
			t.Errorf("the page's summary has %d of %d", got, readings)
		}
		var out bytes.Buffer
		if err := Table(&out, r, 0); err != nil {
			t.Fatal(err)
		}
		tables, rest, _ := strings.Cut(out.String(), "What differs")
		if got := strings.Count(tables, "↑*") + strings.Count(tables, "↓*"); got != want {
			t.Errorf("the text tables mark %d of %d", got, want)
		}
		if got := len(regexp.MustCompile(`(?m)^    .* \[.*\](e-?\d+)? `).FindAllString(rest, -1)); got != readings {
			t.Errorf("the text list has %d of %d", got, readings)
		}
	})
}

// hostile is a scene whose every text tries to leave its place.
func hostile() *study.Results {
	const attack = `</script><script>document.title="taken"</script><img src=x onerror="document.title='taken'">'"&<!--`
	s := scenes()["rough"]
	s.labels = []string{"sgd", attack, attack + "2", "adamw"}
	s.recipes = nil
	s.undefined = map[string]map[int]string{"ece": {2: attack}}
	s.warned = map[string]map[int]string{"sharpness": {1: attack}}
	r := s.results()
	r.Study.Task, r.Study.Model = attack, attack
	r.Study.Probes[0] = attack
	r.Notes = append(r.Notes, attack)
	r.Records[0].Warnings = []string{attack}
	for i := range r.Tables {
		for k := range r.Tables[i].Rows {
			r.Tables[i].Rows[k].Name += attack
			r.Tables[i].Rows[k].Unit = attack
		}
	}
	for _, rec := range r.Records {
		for _, sol := range rec.Solutions {
			for _, m := range sol.Measured {
				for k := range m.Readings {
					m.Readings[k].Name += attack
				}
			}
		}
	}
	return r
}

// TestHostileTextStaysText holds that no text of the results becomes markup or
// script.
func TestHostileTextStaysText(t *testing.T) {
	mild, wild := pageOf(t, scenes()["rough"].results()), pageOf(t, hostile())
	for _, tag := range []string{"<script", "</script", "<!--"} {
		if a, b := strings.Count(mild, tag), strings.Count(wild, tag); a != b {
			t.Errorf("%d times %s where there should be %d", b, tag, a)
		}
	}
	if strings.Contains(body(wild), "<img") {
		t.Error("an element was smuggled in")
	}
	chartsOf(t, wild)
	for place, format := range map[string]func(*bytes.Buffer) error{
		"table": func(w *bytes.Buffer) error { return Table(w, hostile(), 0) },
		"svg": func(w *bytes.Buffer) error {
			return SVG(w, hostile(), level, []string{hostile().Tables[0].Rows[0].Name})
		},
	} {
		var out bytes.Buffer
		if err := format(&out); err != nil {
			t.Fatal(err)
		}
		if place == "svg" && strings.Contains(out.String(), "<script") {
			t.Error("the picture has a script")
		}
	}
}

// TestPageSize holds the usual page small enough to send.
func TestPageSize(t *testing.T) {
	if n := len(pageOf(t, usual().results())); n > 3<<20 {
		t.Errorf("the usual page has %d bytes", n)
	}
}

// TestCommandIsOneShellWord has a shell split the command that makes the study
// again.
func TestCommandIsOneShellWord(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no POSIX shell is installed")
	}
	s := usual().results().Study
	s.Task = `text(file="it's $HOME.txt")`
	s.Optimizers[1].Label = `split(when("it's|$HOME", sgd), rest=adamw)`
	s.Reference = 1
	script := strings.Replace(command(&s), " basin compare", ` printf '%s\n'`, 1)
	out, err := exec.Command(sh, "-c", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	words := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(words) != 16 || words[0] != "--task" || words[1] != s.Task || words[15] != s.Optimizers[1].Label ||
		!strings.HasPrefix(words[5], s.Optimizers[0].Label+", "+s.Optimizers[1].Label+", ") {
		t.Errorf("the shell sees %d words: %q", len(words), words)
	}
}

// TestMatchedSaysWhereWitnessesDisagree alters one witness of one seed.
func TestMatchedSaysWhereWitnessesDisagree(t *testing.T) {
	r := usual().results()
	if got := matched(r); !strings.Contains(got, "each of the 8 seeds") {
		t.Errorf("matched runs: %q", got)
	}
	r.Records[len(r.Records)-1].Witness = "other"
	if got := matched(r); !strings.Contains(got, "ONLY AT 7 OF 8") {
		t.Errorf("one run that was not matched: %q", got)
	}
}

// TestAssets holds that the scripts are the versions whose licences are beside
// them, of a size to keep in a repository, and safe to write into a page.
func TestAssets(t *testing.T) {
	licences := file("assets/LICENSES.md")
	for name, version := range map[string]string{"vega": `version="(6\.[0-9.]+)"`, "vega-lite": `n="(6\.[0-9.]+)"`, "vega-embed": `"(7\.[0-9.]+)"`} {
		script := file("assets/" + name + ".min.js")
		if len(script) > 1500000 {
			t.Errorf("%s has %d bytes", name, len(script))
		}
		if strings.Contains(strings.ToLower(script), "</script") || strings.Contains(script, "<!--") {
			t.Errorf("%s cannot be written into a page", name)
		}
		found := regexp.MustCompile(version).FindStringSubmatch(script)
		if found == nil || !strings.Contains(strings.ToLower(licences), name+" "+found[1]) {
			t.Errorf("LICENSES.md does not name %s %v", name, found)
		}
	}
}
