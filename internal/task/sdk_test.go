package task

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/schemas"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// A release of the SDK that adds a field or a value of an enumeration to RunTask fails here,
// until it is supported or refused on purpose.
func TestSDKHasNothingUnknown(t *testing.T) {
	w := walker{t: t, enums: map[string]reflect.Type{}}
	w.walk(reflect.TypeFor[ecs.RunTaskInput](), reflect.TypeFor[Request](), "")
	for path, typ := range w.enums {
		checkEnum(t, path, typ)
	}
	for path := range enumFields {
		if w.enums[path] == nil {
			t.Errorf("%s is no enumeration of the SDK", path)
		}
	}
}

type walker struct {
	t     *testing.T
	enums map[string]reflect.Type // by path without indexes
}

// walk compares a type of the SDK with ours, by the names of RunTask's JSON.
func (w *walker) walk(sdk, ours reflect.Type, path string) {
	for _, f := range reflect.VisibleFields(sdk) {
		if !f.IsExported() {
			continue
		}
		name := jsonCase(f.Name)
		i := slices.IndexFunc(FieldNames(ours), func(n string) bool { return strings.EqualFold(n, name) })
		if i < 0 {
			if Refused(name) == "" {
				w.t.Errorf("%s must be a field of task.%s or be refused on purpose", FieldPath(path, name), ours.Name())
			}
			continue
		}
		w.value(f.Type, ours.Field(i).Type, FieldPath(path, FieldNames(ours)[i]))
	}
	for _, name := range FieldNames(ours) {
		if _, ok := sdk.FieldByNameFunc(func(n string) bool { return strings.EqualFold(n, name) }); !ok {
			w.t.Errorf("%s is no field of the SDK's %s", FieldPath(path, name), sdk.Name())
		}
	}
}

func (w *walker) value(sdk, ours reflect.Type, path string) {
	for sdk.Kind() == reflect.Pointer || sdk.Kind() == reflect.Slice {
		sdk = sdk.Elem()
	}
	for ours.Kind() == reflect.Pointer || ours.Kind() == reflect.Slice {
		ours = ours.Elem()
	}
	switch {
	case sdk == reflect.TypeFor[ecstypes.SharingStrategy]():
		w.union(ours, path)
	case sdk.Kind() != ours.Kind():
		w.t.Errorf("%s is a %s in the SDK, got a %s", path, sdk, ours)
	case sdk.Kind() == reflect.Struct:
		w.walk(sdk, ours, path)
	case sdk.PkgPath() != "":
		w.enums[path] = sdk
	}
}

// union: reflection does not see the members of a Go interface, the model does.
func (w *walker) union(ours reflect.Type, path string) {
	got := slices.Sorted(maps.Keys(schemas.SharingStrategy.Members()))
	if want := FieldNames(ours); !slices.Equal(got, want) {
		w.t.Errorf("%s has the members %q in the SDK, want %q", path, got, want)
	}
	w.walk(reflect.TypeFor[ecstypes.NvidiaMpsAllocation](), reflect.TypeFor[NvidiaMPS](), path+".nvidiaMps")
}

func jsonCase(name string) string {
	return string(unicode.ToLower(rune(name[0]))) + name[1:]
}

// enumFields set the enumerations of a request.
var enumFields = map[string]func(r *Request, v string){
	"launchType":    func(r *Request, v string) { r.LaunchType = v },
	"propagateTags": func(r *Request, v string) { r.PropagateTags = v },
	"networkConfiguration.awsvpcConfiguration.assignPublicIp": func(r *Request, v string) {
		r.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIP = v
	},
	"placementConstraints.type": func(r *Request, v string) { r.PlacementConstraints = []PlacementConstraint{{Type: v}} },
	"placementStrategy.type":    func(r *Request, v string) { r.PlacementStrategy = []PlacementStrategy{{Type: v}} },
	"overrides.containerOverrides.environmentFiles.type": func(r *Request, v string) {
		r.Overrides.ContainerOverrides[0].EnvironmentFiles = []EnvironmentFile{{v, "arn:aws:s3:::b/k.env"}}
	},
	"overrides.containerOverrides.resourceRequirements.type": func(r *Request, v string) {
		r.Overrides.ContainerOverrides[0].ResourceRequirements = []ResourceRequirement{{Type: v, Value: "ALL"}}
	},
	"volumeConfigurations.managedEBSVolume.filesystemType": func(r *Request, v string) { ebsOf(r).FilesystemType = v },
	"volumeConfigurations.managedEBSVolume.tagSpecifications.resourceType": func(r *Request, v string) {
		ebsOf(r).TagSpecifications = []TagSpecification{{ResourceType: v}}
	},
	"volumeConfigurations.managedEBSVolume.tagSpecifications.propagateTags": func(r *Request, v string) {
		ebsOf(r).TagSpecifications = []TagSpecification{{ResourceType: "volume", PropagateTags: v}}
	},
}

// refusedValues are values that the SDK has and RunTask does not take, by the rule that says why.
var refusedValues = map[string]string{
	"launchType MANAGED_INSTANCES": "runtask-launch-type-managed-instances",
	"propagateTags SERVICE":        "runtask-propagate-tags-service",
	"overrides.containerOverrides.resourceRequirements.type InferenceAccelerator":   "runtask-resource-inference-accelerator",
	"volumeConfigurations.managedEBSVolume.tagSpecifications.propagateTags SERVICE": "runtask-ebs-tags-propagate-service",
}

func checkEnum(t *testing.T, path string, typ reflect.Type) {
	set, ok := enumFields[path]
	if !ok {
		t.Errorf("%s is an enumeration of the SDK that no rule knows", path)
		return
	}
	values := reflect.Zero(typ).MethodByName("Values").Call(nil)[0]
	for i := range values.Len() {
		value := values.Index(i).String()
		if got, want := enumRule(path, set, value), refusedValues[path+" "+value]; got != want {
			t.Errorf("%s %s: got refused by rule %q, want %q", path, value, got, want)
		}
	}
	if enumRule(path, set, "NEW") == "" {
		t.Errorf("%s takes any value", path)
	}
}

// enumRule is the code of the rule that refuses the value at path, whatever else is wrong.
func enumRule(path string, set func(*Request, string), value string) string {
	r := valid()
	set(r, value)
	if !strings.HasPrefix(path, "launchType") {
		r.LaunchType = ""
	}
	for _, err := range unjoin(Validate(r)) {
		var limit *LimitError
		if errors.As(err, &limit) && strings.ReplaceAll(limit.Field, "[0]", "") == path {
			return limit.Code
		}
	}
	return ""
}
