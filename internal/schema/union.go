package schema

import (
	"cmp"
	"slices"
	"strings"
)

// Union is the type of a value that has one of the types: what may be relied on
// whichever it is. A field is optional if it is optional in, or missing from, one
// of them, and dynamic if it is missing from an open one. Values of different
// kinds are dynamic, except that numbers are a Number. MaxLength is the largest,
// 0 if one is unknown. A description stays if it is that of all. The union of
// nothing is dynamic. Union does not change its arguments but shares their parts.
func Union(types ...*Type) *Type {
	return reduce(types, union)
}

// reduce joins types by an associative operation, by halves: one after the other
// would take time in the square of how many there are.
func reduce(types []*Type, join func(a, b *Type) *Type) *Type {
	switch n := len(types); n {
	case 0:
		return &Type{}
	case 1:
		return types[0]
	default:
		return join(reduce(types[:n/2], join), reduce(types[n/2:], join))
	}
}

func union(a, b *Type) *Type {
	if a == b {
		return a
	}
	u := &Type{Kind: unionKind(a.Kind, b.Kind)}
	if a.Description == b.Description {
		u.Description = a.Description
	}
	switch u.Kind {
	case String:
		if a.MaxLength > 0 && b.MaxLength > 0 {
			u.MaxLength = max(a.MaxLength, b.MaxLength)
		}
	case List, Map:
		u.Elem = union(a.Elem, b.Elem)
	case Object:
		u.Open = a.Open || b.Open
		for name, pair := range pairs(a, b) {
			u.Fields = append(u.Fields, Field{
				Name:     name,
				Type:     unionField(pair, a.Open, b.Open),
				Optional: pair[0] == nil || pair[1] == nil || pair[0].Optional || pair[1].Optional,
			})
		}
	}
	return u
}

func unionKind(a, b Kind) Kind {
	switch {
	case a == b:
		return a
	case a.isNumber() && b.isNumber():
		return Number
	default:
		return Dyn
	}
}

// unionField is the type of a field of either object.
func unionField(pair [2]*Field, aOpen, bOpen bool) *Type {
	switch {
	case pair[0] != nil && pair[1] != nil:
		return union(pair[0].Type, pair[1].Type)
	case pair[0] == nil && !aOpen:
		return pair[1].Type
	case pair[1] == nil && !bOpen:
		return pair[0].Type
	case pair[0] != nil:
		return &Type{Description: pair[0].Type.Description}
	default:
		return &Type{Description: pair[1].Type.Description}
	}
}

// intersect is the type of a value that has both types, described as a is, or as b
// if a is not. It calls conflict with
// the dotted path of every value that cannot have both; such a value is dynamic.
func intersect(a, b *Type, path string, conflict func(path string, a, b Kind)) *Type {
	switch {
	case a == b:
		return a
	case a.Kind == Dyn:
		return described(b, cmp.Or(a.Description, b.Description))
	case b.Kind == Dyn:
		return described(a, cmp.Or(a.Description, b.Description))
	}
	kind, ok := intersectKind(a.Kind, b.Kind)
	if !ok {
		conflict(path, a.Kind, b.Kind)
		return &Type{Description: a.Description}
	}
	t := &Type{Kind: kind, Description: cmp.Or(a.Description, b.Description)}
	switch kind {
	case String:
		t.MaxLength = min(a.MaxLength, b.MaxLength)
		if t.MaxLength == 0 {
			t.MaxLength = max(a.MaxLength, b.MaxLength)
		}
	case List, Map:
		t.Elem = intersect(a.Elem, b.Elem, path+"[]", conflict)
	case Object:
		t.Open = isOpen(a) && isOpen(b)
		for name, pair := range pairs(a, b) {
			x, y := field(a, pair[0]), field(b, pair[1])
			t.Fields = append(t.Fields, Field{
				Name:     name,
				Type:     intersect(x.Type, y.Type, path+"."+name, conflict),
				Optional: x.Optional && y.Optional,
			})
		}
	}
	return t
}

func intersectKind(a, b Kind) (Kind, bool) {
	switch {
	case a == b:
		return a, true
	case a == Number && b.isNumber():
		return b, true
	case b == Number && a.isNumber():
		return a, true
	case a == Map && b == Object, a == Object && b == Map:
		return Object, true
	default:
		return Dyn, false
	}
}

// described is t with the description.
func described(t *Type, description string) *Type {
	if t.Description == description {
		return t
	}
	c := *t
	c.Description = description
	return &c
}

// isOpen reports whether the Object or Map may have fields that it does not list.
func isOpen(t *Type) bool { return t.Open || t.Kind == Map }

// field is f, or what an object without it says of such a field.
func field(t *Type, f *Field) Field {
	switch {
	case f != nil:
		return *f
	case t.Kind == Map:
		return Field{Type: t.Elem, Optional: true}
	default:
		return Field{Type: &Type{}, Optional: true}
	}
}

// isNumber reports whether values of the kind are JSON numbers.
func (k Kind) isNumber() bool { return k == Int || k == Double || k == Number }

// pairs yields the fields of both by name, in order; nil for one that is missing.
func pairs(a, b *Type) func(yield func(string, [2]*Field) bool) {
	return func(yield func(string, [2]*Field) bool) {
		x, y := a.Fields, b.Fields
		for len(x) > 0 || len(y) > 0 {
			var name string
			var pair [2]*Field
			order := compareHeads(x, y)
			if order <= 0 {
				name, pair[0], x = x[0].Name, &x[0], x[1:]
			}
			if order >= 0 {
				name, pair[1], y = y[0].Name, &y[0], y[1:]
			}
			if !yield(name, pair) {
				return
			}
		}
	}
}

// compareHeads orders two lists by the names of their first fields, of which
// there is at least one. An empty list comes last.
func compareHeads(x, y []Field) int {
	switch {
	case len(x) == 0:
		return 1
	case len(y) == 0:
		return -1
	default:
		return strings.Compare(x[0].Name, y[0].Name)
	}
}

// sortFields puts fields in the order that Type.Field relies on.
func sortFields(fields []Field) {
	slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
}
