package localecs

import "fmt"

// Each kind of identifier has a sequence of its own, so that asking one more
// question does not change the identifiers of the tasks launched after it.
const (
	idTask uint64 = iota + 1
	idRequest
	idContainer
	idAttachment
)

// idHex returns 32 hexadecimal digits that depend on its arguments alone: the
// form of a task ID.
func idHex(seed, kind, n uint64) string {
	state := mix(mix(mix(seed)^kind) ^ n)
	return fmt.Sprintf("%016x%016x", mix(state), mix(state+1))
}

// idUUID is idHex in the form that containers, attachments and requests have.
func idUUID(seed, kind, n uint64) string {
	h := idHex(seed, kind, n)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// mix is the output function of SplitMix64 (https://prng.di.unimi.it/splitmix64.c).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
