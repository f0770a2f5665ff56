package schema

// list is the type of the arrays that m admits.
func (p *parser) list(at *place, m map[string]any) *Type {
	t := &Type{Kind: List, Elem: &Type{}}
	items, ok := m["items"]
	if _, tuple := items.([]any); ok && !tuple && m["prefixItems"] == nil && items != false {
		t.Elem = p.schema(at.below("items"), items)
	}
	return t
}

// object is the type of the objects that m admits.
func (p *parser) object(at *place, m map[string]any) *Type {
	t := &Type{Kind: Object, Fields: p.fields(at, m)}
	others, closed := p.others(at, m)
	switch {
	case others != nil && len(t.Fields) == 0:
		return &Type{Kind: Map, Elem: others}
	case !closed:
		t.Open = true
	}
	return t
}

// fields are the properties, and what is required without being one of them.
func (p *parser) fields(at *place, m map[string]any) []Field {
	required := p.required(at.within("required"), m)
	var fields []Field
	if v, ok := m["properties"]; ok {
		properties, ok := v.(map[string]any)
		if !ok {
			p.fail(at.within("properties"), "expected an object of schemas, got %s", noun(v))
		}
		for _, name := range sorted(properties) {
			t := p.schema(at.below("properties", name), properties[name])
			fields = append(fields, Field{Name: name, Type: t, Optional: !required[name]})
			delete(required, name)
		}
	}
	for name := range required {
		fields = append(fields, Field{Name: name, Type: &Type{}})
	}
	sortFields(fields)
	return fields
}

func (p *parser) required(at *place, m map[string]any) map[string]bool {
	v, ok := m["required"]
	if _, flag := v.(bool); !ok || flag { // draft 3 has a flag here; OpenAPI's generators still write it
		return nil
	}
	names, ok := v.([]any)
	if !ok {
		p.fail(at, "expected a list of names, got %s", noun(v))
		return nil
	}
	set := map[string]bool{}
	if !p.spend(at, len(names)) {
		return nil
	}
	for _, name := range names {
		s, ok := name.(string)
		if !ok {
			p.fail(at, "expected a list of names, got %s in it", noun(name))
			continue
		}
		set[s] = true
	}
	return set
}

// others is the type of the fields beside the properties if there is a schema for
// them; closed reports that there are none.
func (p *parser) others(at *place, m map[string]any) (others *Type, closed bool) {
	for _, key := range []string{"additionalProperties", "unevaluatedProperties"} {
		v, ok := m[key]
		switch {
		case !ok || v == true:
		case v == false:
			closed = true
		default:
			others = p.schema(at.below(key), v)
		}
	}
	if m["patternProperties"] != nil {
		return nil, false
	}
	return others, closed
}
