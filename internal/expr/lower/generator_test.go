package lower

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// A generator writes random expressions that the compiler admits, and random
// events for them. What it reads of the event is of the kind that its name says
// most of the time, so both the values and the errors are exercised.
type generator struct {
	*rand.Rand
	vars []variable // of the macros around
}

type variable struct {
	name string
	typ  kind
}

type kind int

const (
	kBool kind = iota
	kInt
	kUint
	kDouble
	kString
	kBytes
	kList
	kMap
	kTimestamp
	kDuration
	kNull
	kAny
	kinds
)

func (g *generator) oneOf(options ...string) string { return options[g.IntN(len(options))] }

// expression is an expression of a kind, as far as can be said.
func (g *generator) expression(k kind, depth int) string {
	if depth <= 0 || g.IntN(12) == 0 {
		return g.leaf(k)
	}
	switch g.IntN(10) {
	case 0:
		return fmt.Sprintf("(%s ? %s : %s)", g.dyn(kBool, depth-1), g.dyn(k, depth-1), g.dyn(k, depth-1))
	case 1:
		return fmt.Sprintf("%s.orValue(%s)", g.optional(k, depth-1), g.dyn(k, depth-1))
	case 2:
		if k == kAny {
			return g.expression(kind(g.IntN(int(kAny))), depth)
		}
		return fmt.Sprintf("dyn([%s, %s])[%s]", g.dyn(k, depth-1), g.dyn(k, depth-1), g.oneOf("0", "1", "1.0", "dyn(1u)", g.dyn(kInt, depth-1)))
	case 3:
		return fmt.Sprintf(`{"a": %s, "b c": %s}[%s]`, g.dyn(k, depth-1), g.dyn(k, depth-1), g.oneOf(`"a"`, `"b c"`, `string("a")`, g.dyn(kString, depth-1)))
	}
	switch k {
	case kBool:
		return g.boolean(depth - 1)
	case kInt:
		return g.integer(depth - 1)
	case kUint:
		return g.unsigned(depth - 1)
	case kDouble:
		return g.double(depth - 1)
	case kString:
		return g.text(depth - 1)
	case kBytes:
		return g.bytes(depth - 1)
	case kList:
		return g.list(depth - 1)
	case kMap:
		return g.mapping(depth - 1)
	case kTimestamp, kDuration:
		return g.time(k, depth-1)
	}
	return g.expression(kind(g.IntN(int(kAny))), depth)
}

// dyn hides the static type half of the time, so that parts of any type fit
// together and meet at run time.
func (g *generator) dyn(k kind, depth int) string {
	if g.IntN(40) == 0 {
		k = kind(g.IntN(int(kinds)))
	}
	if g.IntN(2) == 0 {
		return g.expression(k, depth)
	}
	return "dyn(" + g.expression(k, depth) + ")"
}

func (g *generator) leaf(k kind) string {
	if g.IntN(5) > 1 {
		return g.path(k)
	}
	switch k {
	case kBool:
		return g.oneOf("true", "false")
	case kInt:
		return g.oneOf("0", "1", "-1", "2", "7", "9223372036854775807", "-9223372036854775808", "9007199254740993", "size(rule)")
	case kUint:
		return g.oneOf("0u", "1u", "18446744073709551615u", "9223372036854775808u", "3u")
	case kDouble:
		return g.oneOf("0.0", "1.0", "-1.5", "1e300", "9007199254740992.0", "-0.0", "2.5", "1e-7", `double("NaN")`, `double("-Inf")`, "9223372036854775807.0")
	case kString:
		return strconv.Quote(g.oneOf(texts...))
	case kBytes:
		return g.oneOf(`b"abc"`, `b""`, `b"\xff\x00"`, `b"ÿ"`)
	case kList:
		return g.oneOf("[]", "[1, 2, 3]", `["b", "a", "b"]`, "[[1], [2, [3]]]", "[1.0, 1, 1u, null]", "[true]")
	case kMap:
		return g.oneOf("{}", `{"a": 1}`, `{"b": 2, "a": null}`, "{1: 2, 2u: 3}", `{true: "x", "y": 1.5}`)
	case kTimestamp:
		return g.oneOf(`timestamp("2026-11-30T08:15:00Z")`, `timestamp("1970-01-01T00:00:00.123456789+01:30")`, `timestamp(event.ts)`, `timestamp("9999-12-31T23:59:59Z")`, "timestamp(0)")
	case kDuration:
		return g.oneOf(`duration("1h30m")`, `duration("-1.5s")`, `duration("0s")`, `duration("2540400h")`, `duration(event.dur)`)
	}
	return g.oneOf("null", "rule", "env.HOME", "item", "index", "int", "type(1)", "event")
}

var texts = []string{"", "a", "b c", "abcabc", "aXbY", "é/ü.x", "x/y/z.tar.gz", "/", "12", "-7", "1.5", "true", "日本語 text", "a\"b\\c\n", " trim\t", "{\"a\":[1,2.0]}", "..", "null", "%s", "2026-11-30T08:15:00Z", "1h", ".hidden", "aGVsbG8="}

// path reads the event or what is around.
func (g *generator) path(k kind) string {
	for _, v := range g.vars {
		if v.typ == k && g.IntN(2) == 0 {
			return v.name
		}
	}
	if g.IntN(12) == 0 && len(g.vars) > 0 {
		return g.vars[g.IntN(len(g.vars))].name
	}
	if g.IntN(40) == 0 {
		k = kind(g.IntN(int(kinds)))
	}
	name := map[kind][]string{
		kBool: {"b"}, kInt: {"i", "j"}, kUint: {"i"}, kDouble: {"d", "f"}, kString: {"s", "t", "key", "a-b"},
		kBytes: {"s"}, kList: {"l", "strings", "nested"}, kMap: {"m", "o"}, kTimestamp: {"ts"}, kDuration: {"dur"},
		kNull: {"n"}, kAny: {"s", "i", "l", "m", "d", "b", "o"},
	}[k]
	return g.oneOf("event", "event", "event.o", "item", `event["o"]`) + g.selection(name[g.IntN(len(name))])
}

func (g *generator) selection(name string) string {
	if strings.Contains(name, "-") {
		return g.oneOf(`["`+name+`"]`, ".`"+name+"`")
	}
	return g.oneOf("."+name, "."+name, `["`+name+`"]`)
}

func (g *generator) optional(k kind, depth int) string {
	switch g.IntN(7) {
	case 0:
		return fmt.Sprintf("optional.of(%s)", g.dyn(k, depth))
	case 1:
		return "optional.none()"
	case 2:
		return fmt.Sprintf("%s.%s()", g.dyn(kList, depth), g.oneOf("first", "last"))
	case 3:
		return fmt.Sprintf("%s[?%s]", g.dyn(kList, depth), g.dyn(kInt, depth))
	case 4:
		return fmt.Sprintf("%s.or(optional.of(%s))", g.optional(k, depth-1), g.dyn(k, depth-1))
	case 5:
		return fmt.Sprintf("optional.ofNonZeroValue(%s)", g.dyn(k, depth))
	}
	return g.oneOf("event.?", "event.o.?", "event.?o.", "event.?absent.", "event.s.?", "event.m.?") + g.oneOf("s", "i", "absent", "o", "l", "m")
}

func (g *generator) boolean(depth int) string {
	switch g.IntN(16) {
	case 0, 1:
		k := kind(g.IntN(int(kinds)))
		return fmt.Sprintf("%s %s %s", g.dyn(k, depth), g.oneOf("==", "!="), g.dyn(k, depth))
	case 2, 3:
		k := kind(g.IntN(int(kinds)))
		return fmt.Sprintf("%s %s %s", g.dyn(k, depth), g.oneOf("<", "<=", ">", ">="), g.dyn(k, depth))
	case 4, 5:
		return fmt.Sprintf("(%s %s %s)", g.dyn(kBool, depth), g.oneOf("&&", "||"), g.dyn(kBool, depth))
	case 6:
		return "!" + g.dyn(kBool, depth)
	case 7:
		return fmt.Sprintf("(%s in %s)", g.dyn(kAny, depth), g.dyn(g.container(), depth))
	case 8:
		return "has(" + g.oneOf("event.", "event.o.", "event.?o.", "item.", "event.m.", "event.s.", "event.o.m.") + g.oneOf("s", "i", "absent", "o", "m") + ")"
	case 9, 10:
		return fmt.Sprintf("%s.%s(%s)", g.dyn(kString, depth), g.oneOf("contains", "startsWith", "endsWith"), g.dyn(kString, depth))
	case 11:
		return fmt.Sprintf("%s.matches(%s)", g.dyn(kString, depth), g.oneOf(`"^[a-z]+$"`, `"a|b"`, `"\\d"`, `""`, `"(x)(y)"`))
	case 12, 13:
		return g.macro(g.oneOf("all", "exists", "exists_one"), g.container(), kBool, depth)
	case 14:
		return fmt.Sprintf("type(%s) == %s", g.dyn(kAny, depth), g.oneOf("int", "string", "list", "map", "double", "bool", "null_type", "uint", "bytes", "type"))
	}
	return g.oneOf("bool("+g.dyn(kString, depth)+")", g.optional(kAny, depth)+".hasValue()", "math.isNaN("+g.dyn(kDouble, depth)+")", "math.isFinite("+g.dyn(kDouble, depth)+")")
}

func (g *generator) container() kind { return []kind{kList, kList, kMap, kAny}[g.IntN(4)] }

// macro goes through a container with a variable of its own.
func (g *generator) macro(name string, over, body kind, depth int) string {
	v := variable{"v" + strconv.Itoa(g.IntN(3)), []kind{kInt, kString, kAny}[g.IntN(3)]}
	from := g.dyn(over, depth)
	g.vars = append(g.vars, v)
	inner := g.dyn(body, depth)
	if name == "map" && g.IntN(3) == 0 {
		inner = g.dyn(kBool, depth) + ", " + inner
	}
	g.vars = g.vars[:len(g.vars)-1]
	return fmt.Sprintf("%s.%s(%s, %s)", from, name, v.name, inner)
}

func (g *generator) integer(depth int) string {
	switch g.IntN(12) {
	case 0, 1, 2:
		return fmt.Sprintf("(%s %s %s)", g.dyn(kInt, depth), g.oneOf("+", "-", "*", "/", "%"), g.dyn(kInt, depth))
	case 3:
		return "-" + g.dyn(kInt, depth)
	case 4:
		return fmt.Sprintf("size(%s)", g.dyn([]kind{kString, kList, kMap, kBytes, kAny}[g.IntN(5)], depth))
	case 5:
		return fmt.Sprintf("int(%s)", g.dyn([]kind{kString, kDouble, kUint, kInt, kTimestamp, kDuration}[g.IntN(6)], depth))
	case 6, 7:
		limit := ""
		if g.IntN(2) == 0 {
			limit = ", " + g.dyn(kInt, depth)
		}
		return fmt.Sprintf("%s.%s(%s%s)", g.dyn(kString, depth), g.oneOf("indexOf", "lastIndexOf"), g.dyn(kString, depth), limit)
	case 8:
		return fmt.Sprintf("math.%s(%s, %s)", g.oneOf("greatest", "least", "bitAnd", "bitOr", "bitXor", "bitShiftLeft", "bitShiftRight"), g.dyn(kInt, depth), g.dyn(kInt, depth))
	case 9:
		return fmt.Sprintf("math.%s(%s)", g.oneOf("abs", "sign", "bitNot"), g.dyn(kInt, depth))
	case 10:
		zone := g.oneOf("", "", `"Europe/Berlin"`, `"-05:30"`, `"+23:59"`, `"UTC"`)
		get := g.oneOf("getFullYear", "getMonth", "getDayOfYear", "getDayOfMonth", "getDate", "getDayOfWeek", "getHours", "getMinutes", "getSeconds", "getMilliseconds")
		if zone == "" && g.IntN(3) == 0 {
			return fmt.Sprintf("%s.%s()", g.dyn(kDuration, depth), g.oneOf("getHours", "getMinutes", "getSeconds", "getMilliseconds"))
		}
		return fmt.Sprintf("%s.%s(%s)", g.dyn(kTimestamp, depth), get, zone)
	}
	return fmt.Sprintf("math.%s(%s)", g.oneOf("greatest", "least"), g.dyn(kList, depth))
}

func (g *generator) unsigned(depth int) string {
	if g.IntN(2) == 0 {
		return fmt.Sprintf("(%s %s %s)", g.dyn(kUint, depth), g.oneOf("+", "-", "*", "/", "%"), g.dyn(kUint, depth))
	}
	return fmt.Sprintf("uint(%s)", g.dyn([]kind{kString, kDouble, kUint, kInt}[g.IntN(4)], depth))
}

func (g *generator) double(depth int) string {
	switch g.IntN(4) {
	case 0:
		return fmt.Sprintf("(%s %s %s)", g.dyn(kDouble, depth), g.oneOf("+", "-", "*", "/"), g.dyn(kDouble, depth))
	case 1:
		return fmt.Sprintf("double(%s)", g.dyn([]kind{kString, kDouble, kUint, kInt}[g.IntN(4)], depth))
	case 2:
		return fmt.Sprintf("math.%s(%s)", g.oneOf("ceil", "floor", "round", "trunc", "abs", "sign", "sqrt"), g.dyn(kDouble, depth))
	}
	return g.oneOf("-"+g.dyn(kDouble, depth), fmt.Sprintf("math.greatest(%s, %s)", g.dyn(kDouble, depth), g.dyn(kInt, depth)))
}

func (g *generator) text(depth int) string {
	s := func() string { return g.dyn(kString, depth) }
	i := func() string { return g.dyn(kInt, depth) }
	switch g.IntN(14) {
	case 0, 1:
		return fmt.Sprintf("(%s + %s)", s(), s())
	case 2:
		return fmt.Sprintf("(%s + %s + %s)", g.path(kString), strconv.Quote(g.oneOf(texts...)), s())
	case 3:
		return fmt.Sprintf("string(%s)", g.dyn(kind(g.IntN(int(kinds))), depth))
	case 4, 5:
		return fmt.Sprintf("%s.%s()", s(), g.oneOf("lowerAscii", "upperAscii", "trim", "reverse"))
	case 6:
		return fmt.Sprintf("%s.substring(%s)", s(), g.oneOf(i(), i()+", "+i()))
	case 7:
		return fmt.Sprintf("%s.charAt(%s)", s(), i())
	case 8:
		return fmt.Sprintf("%s.replace(%s, %s%s)", s(), s(), s(), g.oneOf("", ", "+i()))
	case 9:
		return fmt.Sprintf("%s.join(%s)", g.dyn(kList, depth), g.oneOf("", s()))
	case 10:
		return fmt.Sprintf("%s(%s)", g.oneOf("basename", "dirname", "ext", "strings.quote"), s())
	case 11:
		return fmt.Sprintf("json(%s)", g.dyn(kAny, depth))
	case 12:
		return fmt.Sprintf("dyn(%s).format([%s, %s])", strconv.Quote(g.oneOf("%s and %s", "%d%%%x", "%.2f|%e", "%X %o", "%b", "%s", "%.3e%s", "%q", "%", "%s %s %s", "%.101f")), g.dyn(kAny, depth), g.dyn(kind(g.IntN(int(kinds))), depth))
	}
	return g.oneOf("base64.encode("+g.dyn(kBytes, depth)+")", s()+`.split(",")[0]`, "regex.extract("+s()+`, "[a-z]+").orValue("-")`)
}

func (g *generator) bytes(depth int) string {
	return g.oneOf("bytes("+g.dyn(kString, depth)+")", "base64.decode("+g.dyn(kString, depth)+")", "("+g.dyn(kBytes, depth)+" + "+g.dyn(kBytes, depth)+")")
}

func (g *generator) list(depth int) string {
	l := func() string { return g.dyn(kList, depth) }
	switch g.IntN(13) {
	case 0, 1:
		return fmt.Sprintf("[%s, %s]", g.dyn(kAny, depth), g.dyn(kAny, depth))
	case 2:
		return fmt.Sprintf("(%s + %s)", l(), l())
	case 3, 4:
		return g.macro(g.oneOf("map", "filter"), kList, g.bodyKind(), depth)
	case 5:
		return fmt.Sprintf("%s.split(%s%s)", g.dyn(kString, depth), g.dyn(kString, depth), g.oneOf("", ", "+g.dyn(kInt, depth)))
	case 6:
		return fmt.Sprintf("%s.%s()", l(), g.oneOf("distinct", "reverse", "sort", "flatten"))
	case 7:
		return fmt.Sprintf("%s.slice(%s, %s)", l(), g.dyn(kInt, depth), g.dyn(kInt, depth))
	case 8:
		return fmt.Sprintf("%s.flatten(%s)", l(), g.oneOf("1", "2", "0", g.dyn(kInt, depth)))
	case 9:
		return fmt.Sprintf("lists.range(%s)", g.oneOf("3", "0", "size("+l()+")", g.path(kInt)+" % 10"))
	case 10:
		return fmt.Sprintf("%s.map(k, k).sort()", g.dyn(kMap, depth))
	case 11:
		return g.macro("sortBy", kList, kInt, depth)
	}
	return g.oneOf(fmt.Sprintf("regex.extractAll(%s, \"[a-c]\")", g.dyn(kString, depth)), fmt.Sprintf("[%s]", g.expression(kInt, depth)))
}

func (g *generator) bodyKind() kind { return []kind{kBool, kBool, kInt, kString, kAny}[g.IntN(5)] }

func (g *generator) mapping(depth int) string {
	if g.IntN(4) == 0 {
		return "fromJson(" + g.dyn(kString, depth) + ")"
	}
	key := g.oneOf(`"x"`, "1", "2u", "true", g.typed(kString, depth), "int("+g.dyn(kInt, depth)+")")
	return fmt.Sprintf(`{%s: %s, "y": %s}`, key, g.dyn(kAny, depth), g.dyn(kAny, depth))
}

func (g *generator) typed(k kind, depth int) string {
	if k == kString {
		return "string(" + g.dyn(kString, depth) + ")"
	}
	return "int(" + g.dyn(k, depth) + ")"
}

func (g *generator) time(k kind, depth int) string {
	t, d := g.dyn(kTimestamp, depth), g.dyn(kDuration, depth)
	if k == kTimestamp {
		return g.oneOf("timestamp("+g.dyn(kString, depth)+")", "("+t+" + "+d+")", "("+d+" + "+t+")", "("+t+" - "+d+")", "timestamp("+g.dyn(kInt, depth)+")")
	}
	return g.oneOf("duration("+g.dyn(kString, depth)+")", "("+t+" - "+t+")", "("+d+" + "+d+")", "("+d+" - "+d+")")
}

// event is a random event. Members are missing or of another kind at times.
func (g *generator) event() string { return g.object(2) }

func (g *generator) object(depth int) string {
	values := map[string]func() string{
		"b": func() string { return g.oneOf("true", "false") },
		"i": g.number, "j": g.number, "d": g.fraction, "f": g.fraction,
		"s": g.quoted, "t": g.quoted, "key": g.quoted, "a-b": g.quoted,
		"l":       func() string { return g.array(g.number) },
		"strings": func() string { return g.array(g.quoted) },
		"nested":  func() string { return g.array(func() string { return g.array(g.anything) }) },
		"m":       func() string { return `{"a":` + g.anything() + `,"b c":` + g.anything() + `}` },
		"n":       func() string { return "null" },
		"ts":      func() string { return strconv.Quote(g.oneOf(stamps...)) },
		"dur":     func() string { return g.oneOf(`"5s"`, `"1h"`, `"-3.5ms"`, `"soon"`) },
		"o":       func() string { return "{}" },
	}
	if depth > 0 {
		values["o"] = func() string { return g.object(depth - 1) }
	}
	var members []string
	for _, name := range []string{"b", "i", "j", "d", "f", "s", "t", "key", "a-b", "l", "strings", "nested", "m", "n", "ts", "dur", "o"} {
		value := values[name]()
		switch g.IntN(40) {
		case 0:
			continue
		case 1:
			value = g.anything()
		case 2:
			members = append(members, fmt.Sprintf("%q:%s", name, g.anything())) // the last of a name counts
		}
		members = append(members, fmt.Sprintf("%q:%s", name, value))
	}
	return "{" + strings.Join(members, ",") + "}"
}

var stamps = []string{"2026-11-30T08:15:00Z", "2024-02-29T23:59:59.999Z", "1969-12-31T23:00:00-01:00", "2026-11-30", "0001-01-01T00:00:00Z", "2026-11-30T8:15:00Z", "2026-11-30T08:15:00,5Z", "2026-11-30T08:15:60Z", "2026-03-29T01:30:00+24:00", "2026-11-30t08:15:00z"}

func (g *generator) number() string {
	return g.oneOf("0", "1", "2", "-1", "3", "10", "9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "-0")
}

func (g *generator) fraction() string {
	return g.oneOf("0.0", "1.0", "1.5", "-2.25", "1e3", "1e400", "9007199254740993.0", "-0.0", "2.0", "1E-9", "123456789012345678901234567890")
}

func (g *generator) quoted() string {
	return g.oneOf(`"`+g.oneOf("a", "b c", "abc", "xyz", "k.v", "path/to/file.CSV", "A,b,,c", "")+`"`,
		strconv.Quote(g.oneOf("a", "tab", "日本", "x/y/z.tar.gz")), `"\u00e9\n\"q\" \ud83d\ude00 \ud800"`, "\"\xff\xfea\"", `"12"`, `"-3.5"`, `"{\"a\": [1, {\"b\": 2.50}]}"`)
}

func (g *generator) anything() string {
	return []func() string{g.number, g.fraction, g.quoted, func() string { return "null" }, func() string { return "true" },
		func() string { return "[1,2]" }, func() string { return `{"a":1}` }, func() string { return "[]" }}[g.IntN(8)]()
}

func (g *generator) array(element func() string) string {
	var elements []string
	for range g.IntN(4) {
		if g.IntN(12) == 0 {
			elements = append(elements, g.anything())
			continue
		}
		elements = append(elements, element())
	}
	return "[" + strings.Join(elements, ",") + "]"
}
