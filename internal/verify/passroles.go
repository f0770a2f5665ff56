package verify

import (
	"errors"
	"fmt"
)

// PassRoles returns the ARNs of the roles that task definitions name themselves,
// sorted, each once. The error names every reference that was not seen: its roles
// are not known.
func (s *Snapshot) PassRoles(taskDefinitions []string) ([]string, error) {
	var roles []string
	var errs []error
	for _, ref := range unique(taskDefinitions) {
		d := s.TaskDefinitions[ref].Is
		if d == nil {
			errs = append(errs, fmt.Errorf("the lock has not seen task definition %q", ref))
			continue
		}
		roles = append(roles, d.TaskRoleARN, d.ExecutionRoleARN)
	}
	return unique(roles), errors.Join(errs...)
}
