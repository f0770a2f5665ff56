package scan

// Read reads the one JSON value that data consists of.
func Read(data []byte) (Value, error) {
	v, end, err := value(data, space(data, 0), 0)
	if err != nil {
		return Value{}, err
	}
	if end = space(data, end); end != len(data) {
		return Value{}, &SyntaxError{end, "unexpected text after the value"}
	}
	return v, nil
}

// value reads the value that starts at data[i] and returns it with the offset
// behind it. depth is the number of containers around it.
func value(data []byte, i, depth int) (Value, int, error) {
	if i >= len(data) {
		return Value{}, i, &SyntaxError{i, "unexpected end of JSON"}
	}
	var (
		kind Kind
		end  int
		err  error
	)
	switch c := data[i]; c {
	case '"':
		kind = String
		end, err = skipString(data, i)
	case '{', '[':
		kind = Object
		if c == '[' {
			kind = Array
		}
		end, err = skipContainer(data, i, depth)
	case 't':
		kind = True
		end, err = skipWord(data, i, "true")
	case 'f':
		kind = False
		end, err = skipWord(data, i, "false")
	case 'n':
		kind = Null
		end, err = skipWord(data, i, "null")
	default:
		kind = Number
		end, err = skipNumber(data, i)
	}
	if err != nil {
		return Value{}, end, err
	}
	return Value{kind, data[i:end]}, end, nil
}

func skipContainer(data []byte, i, depth int) (int, error) {
	it := iter{data: data, pos: i + 1, depth: depth + 1, object: data[i] == '{', first: true}
	for it.next() {
	}
	return it.pos, it.err
}

// space returns the offset of the first byte at or after i that is not white space.
func space(data []byte, i int) int {
	for i < len(data) {
		switch data[i] {
		case ' ', '\t', '\n', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

func skipWord(data []byte, i int, word string) (int, error) {
	if len(data)-i < len(word) || string(data[i:i+len(word)]) != word {
		return i, &SyntaxError{i, "invalid literal"}
	}
	return i + len(word), nil
}

func skipString(data []byte, start int) (int, error) {
	for i := start + 1; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			return i + 1, nil
		case c == '\\':
			n := escapeLen(data[i:])
			if n == 0 {
				return i, &SyntaxError{i, "invalid escape in string"}
			}
			i += n - 1
		case c < ' ':
			return i, &SyntaxError{i, "control character in string"}
		}
	}
	return len(data), &SyntaxError{len(data), "unterminated string"}
}

// escapeLen returns the length of the escape sequence at the start of s, 0 if
// there is none.
func escapeLen(s []byte) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) < 6 {
			return 0
		}
		for _, c := range s[2:6] {
			if !isDigit(c) && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return 0
			}
		}
		return 6
	}
	return 0
}

func skipNumber(data []byte, i int) (int, error) {
	start := i
	if i < len(data) && data[i] == '-' {
		i++
	}
	switch {
	case i < len(data) && data[i] == '0':
		i++
	case i < len(data) && isDigit(data[i]):
		i = digits(data, i)
	case i == start:
		return i, &SyntaxError{i, "expected a value"}
	default:
		return i, &SyntaxError{i, "invalid number"}
	}
	if i < len(data) && data[i] == '.' {
		end := digits(data, i+1)
		if end == i+1 {
			return end, &SyntaxError{end, "invalid number"}
		}
		i = end
	}
	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		end := digits(data, i)
		if end == i {
			return end, &SyntaxError{end, "invalid number"}
		}
		i = end
	}
	return i, nil
}

func digits(data []byte, i int) int {
	for i < len(data) && isDigit(data[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
