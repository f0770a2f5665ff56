package event

// appendDecoded appends the key of an S3 notification with its form encoding
// undone: + is a space, %XX a byte. EventBridge's S3 events are not encoded. It
// returns the offset of an escape that is none, or -1.
func appendDecoded(dst, key []byte) ([]byte, int) {
	for i := 0; i < len(key); i++ {
		switch c := key[i]; c {
		case '+':
			dst = append(dst, ' ')
		case '%':
			if i+2 >= len(key) {
				return dst, i
			}
			high, ok1 := unhex(key[i+1])
			low, ok2 := unhex(key[i+2])
			if !ok1 || !ok2 {
				return dst, i
			}
			dst = append(dst, high<<4|low)
			i += 2
		default:
			dst = append(dst, c)
		}
	}
	return dst, -1
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	default:
		return 0, false
	}
}
