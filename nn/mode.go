package nn

// A mode is how a network is computed.
type mode uint8

const (
	evaluation  mode = iota // normalised by statistics that Calibrate has set
	calibration             // normalised by the statistics of its batch
	training                // so, and with dropout
)
