package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// LockFile is the name of the lock, beside the mapping.
const LockFile = "taskbridge.lock.json"

const (
	lockFormat  = "taskbridge.lock"
	lockVersion = 1
)

// A Lock is a snapshot as a file. The same snapshot gives the same bytes.
type Lock struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Snapshot
}

// MarshalLock returns s as the file that ReadLock reads.
func MarshalLock(s *Snapshot) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(Lock{lockFormat, lockVersion, *s}); err != nil {
		return nil, fmt.Errorf("marshal lock: %w", err)
	}
	return b.Bytes(), nil
}

// ErrLock is the kind of every error about a lock that cannot be used.
var ErrLock = errors.New("lock")

// ReadLock reads what MarshalLock wrote and refuses anything else.
func ReadLock(file []byte) (*Snapshot, error) {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(file, &head); err != nil {
		return nil, fmt.Errorf("%w: damaged: %w", ErrLock, err)
	}
	if head.Format != lockFormat || head.Version != lockVersion {
		return nil, fmt.Errorf("%w: format %q, version %d; this build reads %q, version %d", ErrLock, head.Format, head.Version, lockFormat, lockVersion)
	}
	var l Lock
	dec := json.NewDecoder(bytes.NewReader(file))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&l); err != nil {
		return nil, fmt.Errorf("%w: damaged: %w", ErrLock, err)
	}
	return &l.Snapshot, nil
}

// A Change is one fact that is not what the lock says.
type Change struct {
	Kind string `json:"kind" doc:"account, region, taskDefinitions, clusters, capacityProviders, subnets, securityGroups or roles"`
	Name string `json:"name,omitempty" doc:"as the mapping has it"`
	Fact string `json:"fact,omitempty" doc:"its path in the lock; empty for the thing as a whole"`
	Was  string `json:"was,omitempty" doc:"in the lock, as JSON; empty if it was not there"`
	Is   string `json:"is,omitempty" doc:"in the account, as JSON; empty if it is not there"`
}

// Drift returns what is different in the account, now, from what s, the lock, says,
// in the order of the file. A later revision of a task definition with the same
// facts is no difference, nor is what could not be looked up.
func (s *Snapshot) Drift(now *Snapshot) []Change {
	// Roles and providers are found through task definitions and clusters.
	whole := !denied(now.TaskDefinitions) && !denied(now.Clusters)
	return slices.Concat(
		moved("account", s.Account, now.Account),
		moved("region", s.Region, now.Region),
		drift("taskDefinitions", s.TaskDefinitions, now.TaskDefinitions, whole),
		drift("clusters", s.Clusters, now.Clusters, whole),
		drift("capacityProviders", s.CapacityProviders, now.CapacityProviders, whole),
		drift("subnets", s.Subnets, now.Subnets, whole),
		drift("securityGroups", s.SecurityGroups, now.SecurityGroups, whole),
		drift("roles", s.Roles, now.Roles, whole),
	)
}

// moved is that the lock is of another account or Region.
func moved(kind, was, is string) []Change {
	if was == is || was == "" || is == "" {
		return nil
	}
	return []Change{{Kind: kind, Was: strconv.Quote(was), Is: strconv.Quote(is)}}
}

func denied[T any](things map[string]Seen[T]) bool {
	for _, seen := range things {
		if seen.Needs != "" {
			return true
		}
	}
	return false
}

// drift compares things of one kind. Unless the whole account could be looked at,
// what is not among those that are there says nothing.
func drift[T any](kind string, was, is map[string]Seen[T], whole bool) []Change {
	all := maps.Clone(is)
	if all == nil {
		all = map[string]Seen[T]{}
	}
	maps.Copy(all, was)
	var changes []Change
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if _, looked := is[name]; is[name].Needs != "" || !looked && !whole {
			continue
		}
		before, after := facts(was, name), facts(is, name)
		both := maps.Clone(before)
		maps.Copy(both, after)
		for _, fact := range slices.Sorted(maps.Keys(both)) {
			if before[fact] != after[fact] {
				changes = append(changes, Change{kind, name, fact, before[fact], after[fact]})
			}
		}
	}
	return changes
}

// facts are the leaves of what was seen, as JSON, by their paths; the empty path
// says whether there is anything.
func facts[T any](things map[string]Seen[T], name string) map[string]string {
	seen, ok := things[name]
	switch {
	case !ok:
		return map[string]string{}
	case seen.Missing:
		return map[string]string{"": `"missing"`}
	case seen.Is == nil:
		return map[string]string{"": `"not checked"`}
	}
	text, err := json.Marshal(seen.Is)
	var tree map[string]any
	if err == nil {
		err = json.Unmarshal(text, &tree)
	}
	if err != nil {
		panic("taskbridge: internal error: a snapshot is no JSON object: " + err.Error())
	}
	delete(tree, "arn") // of a task definition: it has the revision
	found := map[string]string{"": `"exists"`}
	for member, v := range tree {
		leaves(found, member, v)
	}
	return found
}

func leaves(facts map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			leaves(facts, path+"."+name, e)
		}
	case []any:
		for i, e := range v {
			leaves(facts, path+"["+strconv.Itoa(i)+"]", e)
		}
	case string:
		facts[path] = strconv.Quote(v)
	default:
		facts[path] = fmt.Sprint(v)
	}
}
