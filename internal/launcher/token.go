package launcher

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/taskbridge/taskbridge/internal/task"
)

// How long ECS remembers a client token: the lower of a day, and an hour after
// the last of its tasks stopped (ECS API reference, "Ensuring idempotency"). What
// is delivered again later than that is started again.
const (
	TokenLifetime     = 24 * time.Hour
	TokenAfterStopped = time.Hour
)

// tokenVersion is part of every token; another way of making requests from the
// same events would get another one.
const tokenVersion = "taskbridge/1"

// Token is the client token of one call for l, 43 characters of base64url (ECS
// allows 64 of ASCII 33 to 126). The part is the index of the call among those
// that a count above ten is split into. The generation is how many calls of that
// part have been answered with fewer tasks than they asked for. The cluster is not
// part of the token: ECS keeps tokens by cluster.
func Token(l *task.Launch, part, generation int) string {
	buf := make([]byte, 0, 256)
	for _, s := range []string{
		tokenVersion, l.Rule, l.Key, strconv.Itoa(l.Element), strconv.Itoa(part), strconv.Itoa(generation),
	} {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(s)))
		buf = append(buf, s...)
	}
	sum := sha256.Sum256(buf)
	var token [43]byte
	base64.RawURLEncoding.Encode(token[:], sum[:])
	return string(token[:])
}

// Parts are the counts of the calls that a launch of count tasks is split into,
// as RunTask starts at most ten by one call.
func Parts(count int) []int {
	parts := make([]int, 0, (count+task.MaxCount-1)/task.MaxCount)
	for ; count > 0; count -= task.MaxCount {
		parts = append(parts, min(count, task.MaxCount))
	}
	return parts
}

// count is how many tasks l asks for. Without a count RunTask starts one.
func count(l *task.Launch) int {
	if l.Request.Count == nil {
		return 1
	}
	return int(*l.Request.Count)
}
