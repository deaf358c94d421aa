package report

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"basin/study"
)

// browser finds a Chromium, or skips the test.
func browser(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium is installed to open the page with")
	return ""
}

// open has a browser run the page's scripts, and gives the document they leave and
// what they wrote to the console.
func open(t *testing.T, page string) (document string, console []string) {
	t.Helper()
	path := browser(t)
	dir := t.TempDir()
	name := filepath.Join(dir, "report.html")
	if err := os.WriteFile(name, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--window-size=1280,900", "--virtual-time-budget=30000",
		"--enable-logging=stderr", "--dump-dom", "file://"+name)
	var out, log strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", path, err, log.String())
	}
	for _, found := range regexp.MustCompile(`CONSOLE[^"]*"(.*)", source`).FindAllStringSubmatch(log.String(), -1) {
		console = append(console, found[1])
	}
	return out.String(), console
}

// TestBrowserDrawsEveryChart opens a page that has charts of every kind, and whose
// texts try to become scripts, and one where there is little to draw.
func TestBrowserDrawsEveryChart(t *testing.T) {
	for name, r := range map[string]*study.Results{"hostile": hostile(), "bare": bare().results()} {
		t.Run(name, func(t *testing.T) { drawn(t, pageOf(t, r)) })
	}
}

// drawn holds that a browser draws every chart of a page and has nothing to say.
func drawn(t *testing.T, page string) {
	document, console := open(t, page)
	want := strings.Count(page, " data-chart=")
	if done := strings.Count(document, ` data-drawn="done"`); want == 0 || done != want {
		t.Errorf("%d of %d charts are drawn", done, want)
	}
	if drawings := len(regexp.MustCompile(`<svg[^>]* class="marks"`).FindAllString(document, -1)); drawings != want {
		t.Errorf("%d drawings of %d charts", drawings, want)
	}
	if len(console) > 0 {
		t.Errorf("the console says %q", console)
	}
	if title := regexp.MustCompile(`(?s)<title>(.*?)</title>`).FindStringSubmatch(document)[1]; title == "taken" {
		t.Error("a text of the results ran as a script")
	}
}
