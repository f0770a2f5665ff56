package localecs

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	runtask "github.com/taskbridge/taskbridge/internal/task"
)

// What ValidatePartial says about a request of which some values are not known yet holds whatever
// they will be: a request that Validate accepts has no part that it refuses.
func TestPartialAgreesWithWhole(t *testing.T) {
	d := &dice{rand: rand.New(rand.NewPCG(5, 5))}
	hidden, refused := 0, 0
	for range 30_000 {
		whole := wire(d.request())
		r := &runtask.Request{} // of its own: what is generated shares parts
		if err := json.Unmarshal(whole, r); err != nil {
			t.Fatal(err)
		}
		wrong := runtask.Validate(r)
		var unknown []string
		hide(d, reflect.ValueOf(r).Elem(), "", &unknown)
		partly := runtask.ValidatePartial(r, func(field string) bool {
			return slices.ContainsFunc(unknown, func(u string) bool {
				rest, ok := strings.CutPrefix(field, u)
				return ok && (rest == "" || rest[0] == '[')
			})
		})
		if partly != nil && wrong == nil {
			t.Fatalf("without %q: %v\nwith it the request is fine: %s", unknown, partly, clipped(whole))
		}
		hidden += len(unknown)
		if partly != nil {
			refused++
		}
	}
	if hidden < 30_000 || refused < 3_000 {
		t.Errorf("only %d values were hidden, and %d requests refused", hidden, refused)
	}
}

// hide takes values out of a request, such as expressions give, and notes their paths.
func hide(d *dice, v reflect.Value, path string, unknown *[]string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			hide(d, v.Field(i), runtask.FieldPath(path, name), unknown)
		}
		return
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.String || !d.one(4) {
			for i := range v.Len() {
				hide(d, v.Index(i), fmt.Sprintf("%s[%d]", path, i), unknown)
			}
			return
		}
	case reflect.Pointer:
		if !v.IsNil() && v.Elem().Kind() == reflect.Struct {
			hide(d, v.Elem(), path, unknown)
			return
		}
	}
	// What is absent no expression gives.
	if !v.IsZero() && d.one(4) {
		v.SetZero()
		*unknown = append(*unknown, path)
	}
}
