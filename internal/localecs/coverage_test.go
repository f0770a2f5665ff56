package localecs

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	runtask "github.com/taskbridge/taskbridge/internal/task"
)

// A member of RunTask's input that the endpoint did not read would be one that it never refuses.
// internal/task compares its own types with the SDK's.
func TestInputHasEveryMember(t *testing.T) {
	walkMembers(t, reflect.TypeFor[runtask.Request](), reflect.TypeFor[runTaskInput](), "")
	for _, more := range []string{"clientToken", "referenceId"} {
		if !hasMember(reflect.TypeFor[runTaskInput](), more) {
			t.Errorf("%s is not read", more)
		}
	}
	if !hasMember(reflect.TypeFor[taskOverride](), "inferenceAcceleratorOverrides") {
		t.Error("inferenceAcceleratorOverrides is not read")
	}
}

func walkMembers(t *testing.T, want, got reflect.Type, path string) {
	for _, typ := range []*reflect.Type{&want, &got} {
		for (*typ).Kind() == reflect.Pointer || (*typ).Kind() == reflect.Slice {
			*typ = (*typ).Elem()
		}
	}
	if want.Kind() != got.Kind() {
		t.Errorf("%s is read as a %s, want a %s", path, got, want)
	}
	if want.Kind() != reflect.Struct {
		return
	}
	for i, name := range runtask.FieldNames(want) {
		if !hasMember(got, name) {
			t.Errorf("%s is not read", runtask.FieldPath(path, name))
			continue
		}
		f := slices.IndexFunc(reflect.VisibleFields(got), func(f reflect.StructField) bool { return memberName(f) == name })
		walkMembers(t, want.Field(i).Type, got.Field(f).Type, runtask.FieldPath(path, name))
	}
}

func hasMember(typ reflect.Type, name string) bool {
	return slices.ContainsFunc(reflect.VisibleFields(typ), func(f reflect.StructField) bool { return memberName(f) == name })
}

func memberName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// The ten errors that the model of RunTask lists, as the SDK sees them.
func TestModelledErrors(t *testing.T) {
	is := func(target any) func(error) bool { return func(err error) bool { return errors.As(err, target) } }
	for code, modelled := range map[string]func(error) bool{
		"AccessDeniedException":                          is(new(*types.AccessDeniedException)),
		"BlockedException":                               is(new(*types.BlockedException)),
		"ClientException":                                is(new(*types.ClientException)),
		"ClusterNotFoundException":                       is(new(*types.ClusterNotFoundException)),
		"ConflictException":                              is(new(*types.ConflictException)),
		"InvalidParameterException":                      is(new(*types.InvalidParameterException)),
		"PlatformTaskDefinitionIncompatibilityException": is(new(*types.PlatformTaskDefinitionIncompatibilityException)),
		"PlatformUnknownException":                       is(new(*types.PlatformUnknownException)),
		"ServerException":                                is(new(*types.ServerException)),
		"UnsupportedFeatureException":                    is(new(*types.UnsupportedFeatureException)),
	} {
		f := newFixture(t, Options{})
		f.Inject(Fault{Kind: FaultError, Code: code, Message: "because"})
		if _, err := f.local().RunTask(t.Context(), request("a")); !modelled(err) || !strings.Contains(err.Error(), "because") {
			t.Errorf("%s: got %v", code, err)
		}
	}
}
