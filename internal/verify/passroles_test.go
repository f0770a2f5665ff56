package verify_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/verify"
)

func TestPassRoles(t *testing.T) {
	s := verify.Snapshot{TaskDefinitions: map[string]verify.Seen[verify.TaskDefinition]{
		"a": {Is: &verify.TaskDefinition{TaskRoleARN: "task", ExecutionRoleARN: "execution"}},
		"b": {Is: &verify.TaskDefinition{ExecutionRoleARN: "execution"}},
		"c": {Missing: true},
	}}
	got, err := s.PassRoles([]string{"b", "a", "a"})
	if err != nil || !slices.Equal(got, []string{"execution", "task"}) {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = s.PassRoles([]string{"a", "c", "d"})
	for _, want := range []string{`"c"`, `"d"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s in it", err, want)
		}
	}
}
