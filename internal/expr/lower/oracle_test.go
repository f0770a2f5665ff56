package lower

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/scan"
)

// oracle is cel-go with the project's own functions, for dynamic events.
var oracle = sync.OnceValue(func() *cel.Env {
	bind := func(name string, arg, result *cel.Type, f func(ref.Val) ref.Val) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_"+arg.TypeName(), []*cel.Type{arg}, result, cel.UnaryBinding(f)))
	}
	text := func(f func(string) string) func(ref.Val) ref.Val {
		return func(v ref.Val) ref.Val { return types.String(f(string(v.(types.String)))) }
	}
	env, err := environmentFor(Scope{Each: true}).cel.Extend(
		bind("basename", cel.StringType, cel.StringType, text(func(s string) string {
			parts := strings.Split(s, "/")
			return parts[len(parts)-1]
		})),
		bind("dirname", cel.StringType, cel.StringType, text(func(s string) string {
			parts := strings.Split(s, "/")
			return strings.Join(parts[:len(parts)-1], "/")
		})),
		bind("ext", cel.StringType, cel.StringType, text(func(s string) string {
			parts := strings.Split(s, "/")
			name := parts[len(parts)-1]
			stem, _, _ := strings.Cut(name, ".")
			dots := strings.Split(name, ".")
			if len(dots) == 1 || len(dots) == 2 && stem == "" {
				return ""
			}
			return "." + dots[len(dots)-1]
		})),
		bind("json", cel.DynType, cel.StringType, func(v ref.Val) ref.Val {
			s, err := jsonOf(v)
			if err != nil {
				return types.WrapErr(err)
			}
			return types.String(s)
		}),
		bind("fromJson", cel.StringType, cel.DynType, func(v ref.Val) ref.Val {
			raw, err := scan.Read([]byte(v.(types.String)))
			if err != nil {
				return types.WrapErr(err)
			}
			return types.DefaultTypeAdapter.NativeToValue(native(raw))
		}),
	)
	if err != nil {
		panic(err)
	}
	return env
})

// native decodes JSON as the evaluator does: a number written as an integer that
// fits is an int64, any other a float64.
func native(v scan.Value) any {
	switch v.Kind {
	case scan.True, scan.False:
		return v.Kind == scan.True
	case scan.Number:
		if i, err := strconv.ParseInt(string(v.Raw), 10, 64); err == nil {
			return i
		}
		f, _ := strconv.ParseFloat(string(v.Raw), 64)
		return f
	case scan.String:
		return v.Text()
	case scan.Array:
		list := []any{}
		for it := scan.Elements(v); it.Next(); {
			list = append(list, native(it.Value()))
		}
		return list
	case scan.Object:
		m := map[string]any{}
		for it := scan.Members(v); it.Next(); {
			m[it.Key()] = native(it.Value())
		}
		return m
	}
	return nil
}

// jsonOf is json() written against cel-go's values.
func jsonOf(v ref.Val) (string, error) {
	switch v := v.(type) {
	case types.Null:
		return "null", nil
	case types.Bool, types.Int, types.Uint:
		return fmt.Sprint(v.Value()), nil
	case types.Double:
		f := float64(v)
		if math.IsInf(f, 0) || math.IsNaN(f) {
			return "", fmt.Errorf("no JSON")
		}
		s := strconv.FormatFloat(f, 'f', -1, 64)
		if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
			s = strconv.FormatFloat(f, 'e', -1, 64)
		}
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		return s, nil
	case types.String:
		var b strings.Builder
		for _, r := range string(v) {
			switch {
			case r == '"' || r == '\\':
				b.WriteRune('\\')
				b.WriteRune(r)
			case r == '\n':
				b.WriteString(`\n`)
			case r == '\r':
				b.WriteString(`\r`)
			case r == '\t':
				b.WriteString(`\t`)
			case r < ' ':
				fmt.Fprintf(&b, `\u%04x`, r)
			default:
				b.WriteRune(r)
			}
		}
		return `"` + b.String() + `"`, nil
	case types.Bytes:
		return `"` + base64.StdEncoding.EncodeToString(v) + `"`, nil
	case types.Timestamp:
		return `"` + v.Time.UTC().Format(time.RFC3339Nano) + `"`, nil
	case types.Duration:
		return `"` + string(v.ConvertToType(types.StringType).(types.String)) + `"`, nil
	case traits.Mapper:
		parts := map[string]string{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			k := it.Next()
			key, ok := k.(types.String)
			if !ok {
				return "", fmt.Errorf("no key")
			}
			value, err := jsonOf(v.Get(k))
			if err != nil {
				return "", err
			}
			parts[string(key)] = value
		}
		var members []string
		for _, k := range sortedKeys(parts) {
			key, _ := jsonOf(types.String(k))
			members = append(members, key+":"+parts[k])
		}
		return "{" + strings.Join(members, ",") + "}", nil
	case traits.Lister:
		var parts []string
		for i := types.Int(0); i < v.Size().(types.Int); i++ {
			s, err := jsonOf(v.Get(i))
			if err != nil {
				return "", err
			}
			parts = append(parts, s)
		}
		return "[" + strings.Join(parts, ",") + "]", nil
	}
	return "", fmt.Errorf("%s has no JSON", v.Type())
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// canonical writes a value of cel-go so that two are equal exactly if their texts
// are: kinds, bits of doubles and offsets of timestamps included.
func canonical(v ref.Val) string {
	switch v := v.(type) {
	case types.Null:
		return "null"
	case types.Bool, types.Int, types.Uint:
		return fmt.Sprintf("%s(%v)", v.Type().TypeName(), v.Value())
	case types.Double:
		return doubleText(float64(v))
	case types.String:
		return fmt.Sprintf("string(%q)", string(v))
	case types.Bytes:
		return fmt.Sprintf("bytes(%q)", string(v))
	case types.Timestamp:
		return "timestamp(" + v.Format(time.RFC3339Nano) + ")"
	case types.Duration:
		return "duration(" + string(v.ConvertToType(types.StringType).(types.String)) + ")"
	case *types.Optional:
		if !v.HasValue() {
			return "none"
		}
		return "some(" + canonical(v.GetValue()) + ")"
	case *types.Type:
		return "type"
	case traits.Mapper:
		var parts []string
		for it := v.Iterator(); it.HasNext() == types.True; {
			k := it.Next()
			parts = append(parts, canonical(k)+":"+canonical(v.Get(k)))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ",") + "}"
	case traits.Lister:
		var parts []string
		for i := types.Int(0); i < v.Size().(types.Int); i++ {
			parts = append(parts, canonical(v.Get(i)))
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return fmt.Sprintf("%T", v)
}

func doubleText(f float64) string {
	if math.IsNaN(f) {
		return "double(NaN)"
	}
	return fmt.Sprintf("double(%x)", math.Float64bits(f))
}

// mine is canonical for a value of the evaluator.
func mine(v expr.Value) string {
	switch v.Kind {
	case expr.Null:
		return "null"
	case expr.Double:
		f, _ := v.Double()
		return doubleText(f)
	case expr.StringKind:
		s, _ := v.Str()
		return fmt.Sprintf("string(%q)", s)
	case expr.Optional:
		inner, ok := v.Unwrap()
		if !ok {
			return "none"
		}
		return "some(" + mine(inner) + ")"
	case expr.List:
		elements, _ := v.Elements()
		var parts []string
		for _, e := range elements {
			parts = append(parts, mine(e))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case expr.Map:
		keys, values, _ := v.Entries()
		var parts []string
		for i, k := range keys {
			parts = append(parts, mine(k)+":"+mine(values[i]))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ",") + "}"
	}
	text, ok := v.Text()
	switch v.Kind {
	case expr.Bytes:
		return fmt.Sprintf("bytes(%q)", text)
	case expr.TypeKind:
		return "type"
	}
	if !ok {
		return "no text for " + v.Kind.String()
	}
	return v.Kind.String() + "(" + text + ")"
}

// evalOracle is what cel-go makes of the expression for an event.
func evalOracle(p cel.Program, event any, item any, index int) (string, error) {
	if p == nil {
		return "", errors.New("not planned")
	}
	v, _, err := p.Eval(map[string]any{
		"event": event, "env": map[string]string{"HOME": "/home", "N": "5"}, "rule": "r1", "item": item, "index": index,
	})
	if err != nil {
		return "", err
	}
	return canonical(v), nil
}

// oracleProgram is what cel-go makes of the expression. It is nil if cel-go sees
// only when it plans the evaluation that there can be no value.
func oracleProgram(source string) (cel.Program, error) {
	checked, issues := oracle().Compile(source)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	p, err := oracle().Program(checked)
	if err != nil {
		return nil, nil
	}
	return p, nil
}
