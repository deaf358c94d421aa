// Package data reads and generates data sets: pictures of digits drawn from fonts,
// files in the IDX format, and random designs whose solutions have closed forms.
package data
