package report

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"basin/study"
)

// CSVHeader names the columns of readings.csv.
var CSVHeader = []string{
	"key",       // identifies the run
	"optimizer", // its label
	"recipe",    // and its recipe in full
	"seed",      // from 1
	"point",     // as in train_loss=0.1
	"step",      // at which the run came to the point
	"loss",      // the matching loss there
	"probe",     // the recipe of what read the value
	"name",      // of the reading
	"value",     // empty where there is none
	"err",       // standard error of the measurement, empty where it is exact or unknown
	"unit",      //
	"none",      // why there is no value
	"warnings",  // of the reading, then of the solution, separated by "; "
}

// CSV writes readings.csv (RFC 4180, lines end in CR LF): a header, then one row
// per run, point and reading, in the order of optimizers, seeds, points and probes.
// A run that never came to a point has one row for it, without a reading, that says
// why in the column none. Numbers come back to the same bits.
func CSV(w io.Writer, r *study.Results) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.Write(CSVHeader); err != nil {
		return err
	}
	for o, optimizer := range r.Study.Optimizers {
		for _, rec := range records(r, o) {
			for i := range rec.Solutions {
				for _, row := range csvRows(rec, &rec.Solutions[i], optimizer.Label) {
					if err := c.Write(row); err != nil {
						return err
					}
				}
			}
		}
	}
	c.Flush()
	return c.Error()
}

// PairsHeader names the columns of pairs.csv.
var PairsHeader = []string{
	"key_a", "optimizer_a", "seed_a", "point_a", // a solution: its run, whose optimizer by its label, and where along it
	"key_b", "optimizer_b", "seed_b", "point_b", // and another
	"probe", "name", "value", "err", "unit", "none", "warnings", // as in readings.csv
}

// PairsCSV writes pairs.csv, in the form of readings.csv: a row for each pair of solutions and
// reading, in the order of points, then optimizers, then seeds.
func PairsCSV(w io.Writer, r *study.Results, pairs []study.Pair) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.Write(PairsHeader); err != nil {
		return err
	}
	solution := map[string][]string{}
	for o, optimizer := range r.Study.Optimizers {
		for _, rec := range records(r, o) {
			solution[rec.Key] = []string{rec.Key, optimizer.Label, strconv.FormatUint(rec.Run.Seed, 10)}
		}
	}
	for _, p := range pairs {
		head := slices.Concat(solution[p.A.Key], []string{p.A.Point.String()}, solution[p.B.Key], []string{p.B.Point.String()})
		for _, m := range p.Measured {
			for _, reading := range m.Readings {
				row := append(slices.Clip(head), reading.Probe, reading.Name, exact(reading.Value), exact(reading.Err),
					reading.Unit, reading.None, strings.Join(reading.Warnings, "; "))
				if err := c.Write(row); err != nil {
					return err
				}
			}
		}
	}
	c.Flush()
	return c.Error()
}

// csvRows gives the rows of one solution.
func csvRows(rec *study.Record, sol *study.Solution, label string) [][]string {
	head := []string{rec.Key, label, rec.Run.Optimizer, strconv.FormatUint(rec.Run.Seed, 10), sol.Point.String()}
	if sol.None != "" {
		return [][]string{append(head, "", "", "", "", "", "", "", sol.None, strings.Join(sol.Warnings, "; "))}
	}
	head = append(head, strconv.Itoa(sol.Step), exact(sol.Loss))
	var rows [][]string
	for reading := range sol.Readings() {
		warnings := slices.Concat(reading.Warnings, sol.Warnings)
		rows = append(rows, append(slices.Clip(head), reading.Probe, reading.Name, exact(reading.Value), exact(reading.Err),
			reading.Unit, reading.None, strings.Join(warnings, "; ")))
	}
	return rows
}

// exact writes x so that it comes back to the same bits, and nothing for no number.
func exact(x float64) string {
	if !finite(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
