package localecs

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// findTask takes an ID or an ARN. It returns nil for a task that ECS does not know, or no
// longer.
func (s *Server) findTask(c *cluster, ref string) *task {
	if !strings.HasPrefix(ref, "arn:") {
		ref = s.arn("task/" + c.name + "/" + ref)
	}
	t := s.byARN[ref]
	if t == nil || t.cluster != c || t.gone(s.clock.Now()) {
		return nil
	}
	return t
}

// checkTaskID: IDs have 32 characters, or 36 in old accounts.
func checkTaskID(ref string) *apiError {
	id := ref[strings.LastIndex(ref, "/")+1:]
	if len(id) != 32 && len(id) != 36 {
		return invalid("taskId length should be one of [32,36]")
	}
	return nil
}

type describeTasksInput struct {
	Cluster string   `json:"cluster"`
	Tasks   []string `json:"tasks"`
	Include []string `json:"include"`
}

func (s *Server) describeTasks(body []byte) (any, *apiError) {
	var in describeTasksInput
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	c, err := s.findCluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if len(in.Tasks) == 0 {
		return nil, invalid("Tasks cannot be empty.")
	}
	if len(in.Tasks) > maxDescribe {
		return nil, invalid("Tasks can have at most %d items.", maxDescribe)
	}
	for _, ref := range in.Tasks {
		if err := checkTaskID(ref); err != nil {
			return nil, err
		}
	}
	now := s.clock.Now()
	found, failures := []wireTask{}, []Failure{}
	for _, ref := range in.Tasks {
		t := s.findTask(c, ref)
		if t == nil {
			arn := ref
			if !strings.HasPrefix(arn, "arn:") {
				arn = s.arn("task/" + c.name + "/" + ref)
			}
			failures = append(failures, Failure{ARN: arn, Reason: "MISSING"})
			continue
		}
		w := t.wire(now)
		if !slices.Contains(in.Include, "TAGS") {
			w.Tags = []Tag{}
		}
		found = append(found, w)
	}
	return map[string]any{"tasks": found, "failures": failures}, nil
}

type stopTaskInput struct {
	Cluster string `json:"cluster"`
	Task    string `json:"task"`
	Reason  string `json:"reason"`
}

// stopTask starts a task on its way to STOPPED. To stop a task that is on it already
// is no error.
func (s *Server) stopTask(body []byte) (any, *apiError) {
	var in stopTaskInput
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	c, err := s.findCluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := checkTaskID(in.Task); err != nil {
		return nil, err
	}
	t := s.findTask(c, in.Task)
	if t == nil {
		return nil, invalid("The referenced task was not found.")
	}
	now := s.clock.Now()
	t.stop(now, in.Reason)
	return map[string]any{"task": t.wire(now)}, nil
}

type listTasksInput struct {
	Cluster           string `json:"cluster"`
	ContainerInstance string `json:"containerInstance"`
	DaemonName        string `json:"daemonName"`
	DesiredStatus     string `json:"desiredStatus"`
	Family            string `json:"family"`
	LaunchType        string `json:"launchType"`
	MaxResults        *int32 `json:"maxResults"`
	NextToken         string `json:"nextToken"`
	ServiceName       string `json:"serviceName"`
	StartedBy         string `json:"startedBy"`
}

const maxListResults = 100 // API reference of ListTasks

var pageText = regexp.MustCompile(`^after-[0-9]{1,18}$`)

func (in *listTasksInput) check() *apiError {
	others := in.ContainerInstance + in.DaemonName + in.DesiredStatus + in.Family + in.LaunchType + in.ServiceName
	if in.StartedBy != "" && others != "" {
		return invalid("startedBy must be the only filter.")
	}
	if in.DesiredStatus != "" && !slices.Contains([]string{statusRunning, statusPending, statusStopped}, in.DesiredStatus) {
		return invalid("Invalid value '%s' for desiredStatus. Valid values: RUNNING, PENDING, STOPPED.", in.DesiredStatus)
	}
	if in.MaxResults != nil && (*in.MaxResults < 1 || *in.MaxResults > maxListResults) {
		return invalid("maxResults must be between 1 and %d.", maxListResults)
	}
	if in.NextToken != "" && !pageText.MatchString(in.NextToken) {
		return invalid("Invalid token.")
	}
	return nil
}

// listTasks lists tasks that are meant to run, unless asked for those that are meant to
// have stopped. There are no services, daemons and container instances, so that a
// filter for one finds nothing.
func (s *Server) listTasks(body []byte) (any, *apiError) {
	var in listTasksInput
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	c, err := s.findCluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	limit := maxListResults
	if in.MaxResults != nil {
		limit = int(*in.MaxResults)
	}
	// A page ends with a task's sequence number, which later launches do not move.
	after, _ := strconv.ParseUint(strings.TrimPrefix(in.NextToken, "after-"), 10, 64)
	out := map[string]any{}
	arns, last := []string{}, uint64(0)
	for _, t := range s.tasks {
		if t.n <= after || !s.listed(t, c, &in) {
			continue
		}
		if len(arns) == limit {
			out["nextToken"] = "after-" + strconv.FormatUint(last, 10)
			break
		}
		arns, last = append(arns, t.arn), t.n
	}
	out["taskArns"] = arns
	return out, nil
}

func (s *Server) listed(t *task, c *cluster, in *listTasksInput) bool {
	now := s.clock.Now()
	fits := func(want, got string) bool { return want == "" || want == got }
	return t.cluster == c && !t.gone(now) &&
		in.ContainerInstance == "" && in.ServiceName == "" && in.DaemonName == "" &&
		fits(in.StartedBy, t.in.StartedBy) && fits(in.Family, t.td.Family) && fits(in.LaunchType, t.launch) &&
		t.at(now).desired == orDefault(in.DesiredStatus, statusRunning)
}
