package expr

import (
	"fmt"
	"math"
	"strings"
)

// Supports reports whether the evaluator has the operation, function or macro
// for this many arguments; a method counts its receiver.
func Supports(op string, args int) bool {
	switch op {
	case "&&", "||", "+":
		return args >= 2
	case "?:":
		return args == 3
	case "orValue", "or":
		return args == 2
	case OpConcat, OpList:
		return true
	case OpMap:
		return args%2 == 0
	case "map":
		return args == 2 || args == 3
	case "matches", "regex.extract", "regex.extractAll":
		return args == 2
	}
	if declares(op) {
		return args == 2
	}
	return function(op, args) != nil || args == 2 && timePart(op) != nil
}

// NeedsConstant reports whether the operation's second argument must not depend
// on the event: a regular expression, a time zone.
func NeedsConstant(op string) bool {
	return op == "matches" || op == "regex.extract" || op == "regex.extractAll" || timePart(op) != nil
}

// prepared is the function that the node calls. It depends on the arguments
// where one of them is prepared at start.
func prepared(n *Node, args []*Program) (any, error) {
	if len(args) != 2 || !NeedsConstant(n.Op) {
		return function(n.Op, len(args)), nil
	}
	constant := args[1].value
	if !args[1].known || constant.Kind != StringKind {
		return nil, fmt.Errorf("the second argument of %s must be a constant text", n.Op)
	}
	switch p := newPattern(constant.str()); n.Op {
	case "matches":
		return binary(p.matches), nil
	case "regex.extract":
		return binary(p.extract), nil
	case "regex.extractAll":
		return binary(p.extractAll), nil
	}
	zone, err := Location(constant.str())
	if err != nil {
		return nil, err
	}
	return timeGetterIn(zone, timePart(n.Op)), nil
}

// function is the function with a name for a number of arguments, as a nullary,
// unary, …; nil if there is none. A switch costs nothing at start, unlike a map.
func function(name string, args int) any {
	switch args {
	case 0:
		if name == "optional.none" {
			return nullary(optionalNone)
		}
	case 1:
		return unaryFunction(name)
	case 2:
		return binaryFunction(name)
	case 3:
		switch name {
		case "substring":
			return ternary(substring)
		case "indexOf":
			return ternary(indexFrom)
		case "lastIndexOf":
			return ternary(lastIndexFrom)
		case "replace":
			return ternary(replace)
		case "split":
			return ternary(splitN)
		case "slice":
			return ternary(slice)
		}
	case 4:
		if name == "replace" {
			return quaternary(replaceN)
		}
	}
	return nil
}

func unaryFunction(name string) any {
	var f unary
	switch name {
	case "!":
		f = not
	case OpNegate:
		f = negate
	case "size":
		f = size
	case "dyn":
		f = dyn
	case "type":
		f = typeOf
	case "optional.of":
		f = optionalOf
	case "optional.ofNonZeroValue":
		f = optionalOfNonZero
	case "hasValue":
		f = hasValue
	case "value":
		f = optionalValue
	case "json":
		f = toJSON
	case "fromJson":
		f = fromJSON
	case "base64.encode":
		f = base64Encode
	case "base64.decode":
		f = base64Decode
	default:
		f = firstNonNil(conversion(name), textFunction(name), listFunction(name), mathFunction(name))
	}
	if f == nil {
		return nil
	}
	return f
}

func firstNonNil(candidates ...unary) unary {
	for _, f := range candidates {
		if f != nil {
			return f
		}
	}
	return nil
}

func conversion(name string) unary {
	switch name {
	case "string":
		return toString
	case "int":
		return toInt
	case "uint":
		return toUint
	case "double":
		return toDouble
	case "bool":
		return toBool
	case "bytes":
		return toBytes
	case "timestamp":
		return toTimestamp
	case "duration":
		return toDuration
	}
	if part := timePart(name); part != nil {
		return timeGetter(name, part)
	}
	return nil
}

func textFunction(name string) unary {
	switch name {
	case "lowerAscii":
		return stringMap(lowerASCII)
	case "upperAscii":
		return stringMap(upperASCII)
	case "trim":
		return stringMap(strings.TrimSpace)
	case "strings.quote":
		return stringMap(quoteText)
	case "basename":
		return stringMap(basename)
	case "dirname":
		return stringMap(dirname)
	case "ext":
		return stringMap(extension)
	}
	return nil
}

func listFunction(name string) unary {
	switch name {
	case "join":
		return join
	case "reverse":
		return reverse
	case "distinct":
		return listMap(distinct)
	case "flatten":
		return flatten
	case "sort":
		return sorted
	case "first":
		return first
	case "last":
		return last
	case "lists.range":
		return listRange
	}
	return nil
}

func mathFunction(name string) unary {
	switch name {
	case "math.abs":
		return abs
	case "math.sign":
		return sign
	case "math.sqrt":
		return sqrt
	case "math.ceil":
		return rounding(math.Ceil)
	case "math.floor":
		return rounding(math.Floor)
	case "math.round":
		return rounding(math.Round)
	case "math.trunc":
		return rounding(math.Trunc)
	case "math.isNaN":
		return doubleTest(math.IsNaN)
	case "math.isInf":
		return doubleTest(isInf)
	case "math.isFinite":
		return doubleTest(isFinite)
	case "math.bitNot":
		return bitNot
	case "math.least":
		return extremeOf(1)
	case "math.greatest":
		return extremeOf(-1)
	}
	return nil
}

func binaryFunction(name string) any {
	for _, f := range []binary{operator(name), binaryText(name), binaryMath(name)} {
		if f != nil {
			return f
		}
	}
	return nil
}

func operator(name string) binary {
	switch name {
	case "==":
		return equals
	case "!=":
		return differs
	case "<":
		return ordering(func(order int) bool { return order < 0 })
	case "<=":
		return ordering(func(order int) bool { return order <= 0 })
	case ">":
		return ordering(func(order int) bool { return order > 0 })
	case ">=":
		return ordering(func(order int) bool { return order >= 0 })
	case "in":
		return contains
	case "+":
		return add
	case "-":
		return subtract
	case "*":
		return multiply
	case "/":
		return divide
	case "%":
		return modulo
	}
	return nil
}

func binaryText(name string) binary {
	switch name {
	case "contains":
		return stringTest(strings.Contains)
	case "startsWith":
		return stringTest(strings.HasPrefix)
	case "endsWith":
		return stringTest(strings.HasSuffix)
	case "charAt":
		return charAt
	case "indexOf":
		return indexOf
	case "lastIndexOf":
		return lastIndexOf
	case "substring":
		return substringFrom
	case "split":
		return split
	case "join":
		return joinWith
	case "format":
		return formatText
	case "flatten":
		return flattenTo
	case "sortBy":
		return sortBy
	}
	return nil
}

func binaryMath(name string) binary {
	switch name {
	case "math.least":
		return extreme(1)
	case "math.greatest":
		return extreme(-1)
	case "math.bitAnd":
		return bitwise(func(a, b uint64) uint64 { return a & b })
	case "math.bitOr":
		return bitwise(func(a, b uint64) uint64 { return a | b })
	case "math.bitXor":
		return bitwise(func(a, b uint64) uint64 { return a ^ b })
	case "math.bitShiftLeft":
		return shift(func(a, bits uint64) uint64 { return a << bits })
	case "math.bitShiftRight":
		return shift(func(a, bits uint64) uint64 { return a >> bits })
	}
	return nil
}
