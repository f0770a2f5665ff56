package lower

import (
	"fmt"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"

	"github.com/taskbridge/taskbridge/internal/schema"
)

// environment is what cel-go needs to check expressions of one scope.
type environment struct {
	cel     *cel.Env
	objects *objects
}

// base declares what every expression may refer to. Making it takes
// milliseconds, so it is made once.
var base = sync.OnceValue(func() *cel.Env {
	env, err := cel.NewEnv(
		cel.OptionalTypes(),
		cel.EnableErrorOnBadPresenceTest(true),
		cel.EnableIdentifierEscapeSyntax(),
		ext.Strings(), ext.Lists(), ext.Math(), ext.Regex(), ext.Encoders(ext.EncodersVersion(0)),
		cel.Variable("env", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("rule", cel.StringType),
		function("basename", cel.StringType, cel.StringType),
		function("dirname", cel.StringType, cel.StringType),
		function("ext", cel.StringType, cel.StringType),
		function("json", cel.DynType, cel.StringType),
		function("fromJson", cel.StringType, cel.DynType),
	)
	if err != nil {
		panic("taskbridge: internal error: CEL environment: " + err.Error())
	}
	return env
})

// function declares one of the project's own functions.
func function(name string, arg, result *cel.Type) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_"+arg.TypeName(), []*cel.Type{arg}, result))
}

// scopeKey is what an environment depends on. Types are immutable, so their
// identity is enough.
type scopeKey struct {
	event, item *schema.Type
	each        bool
}

// environments are those made last: the expressions of a rule share a scope.
var environments = struct {
	sync.Mutex
	made map[scopeKey]*environment
}{made: map[scopeKey]*environment{}}

const maxEnvironments = 64

func environmentFor(scope Scope) *environment {
	key := scopeKey{scope.Event, scope.Item, scope.Each}
	environments.Lock()
	defer environments.Unlock()
	env, ok := environments.made[key]
	if !ok {
		if len(environments.made) >= maxEnvironments {
			clear(environments.made)
		}
		env = newEnvironment(key)
		environments.made[key] = env
	}
	return env
}

func newEnvironment(key scopeKey) *environment {
	o := &objects{Provider: base().CELTypeProvider(), byName: map[string]*schema.Type{}, names: map[*schema.Type]string{}}
	options := []cel.EnvOption{
		cel.CustomTypeProvider(o),
		cel.Variable("event", o.celType(key.event)),
	}
	if key.each {
		options = append(options, cel.Variable("item", o.celType(key.item)), cel.Variable("index", cel.IntType))
	}
	env, err := base().Extend(options...)
	if err != nil {
		panic("taskbridge: internal error: CEL environment: " + err.Error())
	}
	return &environment{env, o}
}

// objects gives the objects of a schema to cel-go as types of its own.
type objects struct {
	types.Provider
	byName map[string]*schema.Type
	names  map[*schema.Type]string
}

// celType is a schema's type as cel-go has it; nil is dynamic.
func (o *objects) celType(t *schema.Type) *cel.Type {
	if t == nil {
		return cel.DynType
	}
	switch t.Kind {
	case schema.String:
		return cel.StringType
	case schema.Int:
		return cel.IntType
	case schema.Double:
		return cel.DoubleType
	case schema.Bool:
		return cel.BoolType
	case schema.List:
		return cel.ListType(o.celType(t.Elem))
	case schema.Map:
		return cel.MapType(cel.StringType, o.celType(t.Elem))
	case schema.Object:
		if t.Open && len(t.Fields) == 0 {
			return cel.MapType(cel.StringType, cel.DynType)
		}
		return cel.ObjectType(o.name(t))
	}
	return cel.DynType
}

// name is the name of an object's type. No expression can write it, so it never
// hides a variable.
func (o *objects) name(t *schema.Type) string {
	name, ok := o.names[t]
	if !ok {
		name = fmt.Sprintf("@object%d", len(o.names))
		o.names[t], o.byName[name] = name, t
	}
	return name
}

// object is the schema of an object's type, or of an optional one.
func (o *objects) object(t *types.Type) *schema.Type {
	if t.Kind() == types.OpaqueKind && len(t.Parameters()) == 1 {
		t = t.Parameters()[0]
	}
	return o.byName[t.TypeName()]
}

// FindStructType is of interface types.Provider.
func (o *objects) FindStructType(name string) (*types.Type, bool) {
	if _, ok := o.byName[name]; ok {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return o.Provider.FindStructType(name)
}

// FindStructFieldNames is of interface types.Provider.
func (o *objects) FindStructFieldNames(name string) ([]string, bool) {
	t, ok := o.byName[name]
	if !ok {
		return o.Provider.FindStructFieldNames(name)
	}
	return t.Names(), true
}

// FindStructFieldType is of interface types.Provider.
func (o *objects) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	t, ok := o.byName[name]
	if !ok {
		return o.Provider.FindStructFieldType(name, field)
	}
	if f := t.Field(field); f != nil {
		return &types.FieldType{Type: o.celType(f.Type)}, true
	}
	if t.Open {
		return &types.FieldType{Type: types.DynType}, true
	}
	return nil, false
}
