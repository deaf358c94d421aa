package kernel

// Noise sets each element of dst to 1/keep with probability keep, a number in (0, 1],
// and to 0 otherwise. Element i is a function of key, name and i alone: it is kept if
// a number from 0 to 2^32-1 is below keep 2^32; the numbers are the halves, lower
// first, of the sequence splitmix64 (Steele, Lea and Flood 2014) that starts from a
// hash of key and name.
func Noise[T Float](dst []T, key uint64, name string, keep float64) {
	state := mix(key)
	for i := range len(name) {
		state = mix(state ^ uint64(name[i]))
	}
	limit, values := uint64(keep*(1<<32)), [2]T{0, T(1 / keep)}
	done := noiseVectors(dst, state, limit, values[1])
	dst, state = dst[done:], state+uint64(done/2)*gamma
	value := func(u uint64) T { return values[(u&(1<<32-1)-limit)>>63] } // no branch to guess
	for ; len(dst) >= 2; dst = dst[2:] {
		u := mix(state)
		dst[0], dst[1] = value(u), value(u>>32)
		state += gamma
	}
	if len(dst) > 0 {
		dst[0] = value(mix(state))
	}
}

const gamma = 0x9e3779b97f4a7c15

// mix is a step of splitmix64, a bijection whose every output bit depends on every
// input bit.
func mix(z uint64) uint64 {
	z += gamma
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
