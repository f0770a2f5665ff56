// Package accounttest is an AWS account for tests: the embedded ECS, and as much
// of EC2 and IAM as package account reads. It serves loopback only.
package accounttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"

	"github.com/taskbridge/taskbridge/internal/localecs"
)

// A Server answers ECS, EC2 and IAM at one address, as AWS_ENDPOINT_URL wants it.
// Fill it before the first request.
type Server struct {
	*localecs.Server
	URL string
	// What there is besides ECS: VPC and zone by subnet, VPC by security group, trust
	// policy by role ARN, kind by capacity provider (EC2 or MANAGED_INSTANCES).
	Subnets   map[string][2]string
	Groups    map[string]string
	Roles     map[string]string
	Providers map[string]string
	// Denied are actions that the caller may not take: ecs:DescribeClusters.
	Denied map[string]bool

	mu      sync.Mutex
	actions []string // that were called, in order
	http    *httptest.Server
}

// New returns a server that listens. Close it.
func New() *Server {
	s := &Server{
		Server:  localecs.New(localecs.Options{Region: Region, Account: Account}),
		Subnets: map[string][2]string{}, Groups: map[string]string{}, Roles: map[string]string{}, Providers: map[string]string{}, Denied: map[string]bool{},
	}
	s.http = httptest.NewServer(s)
	s.URL = s.http.URL
	return s
}

// Account and Region of every server.
const (
	Account = "123456789012"
	Region  = "eu-central-1"
)

// Environ is what a client needs to find the server.
func (s *Server) Environ() []string {
	return []string{"AWS_ENDPOINT_URL=" + s.URL, "AWS_REGION=" + Region, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null"}
}

// Close ends the server.
func (s *Server) Close() { s.http.Close() }

// Actions are the actions that were asked for, as policies name them.
func (s *Server) Actions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.actions...)
}

// Trust is a trust policy for a service.
func Trust(service string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":%q}}]}`, service)
}

// ServeHTTP tells the services apart by how they are spoken to.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		s.ecs(w, r, operation)
		return
	}
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if action := r.Form.Get("Action"); action == "GetRole" {
		s.iam(w, r.Form)
	} else {
		s.ec2(w, r.Form)
	}
}

// note records the action and reports whether it is allowed.
func (s *Server) note(action string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.actions = append(s.actions, action)
	return !s.Denied[action]
}

func (s *Server) ecs(w http.ResponseWriter, r *http.Request, operation string) {
	if !s.note("ecs:" + operation) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":"AccessDeniedException","message":"User: x is not authorized to perform: ecs:%s"}`, operation)
		return
	}
	if operation != "DescribeCapacityProviders" {
		s.Server.ServeHTTP(w, r)
		return
	}
	var in struct{ CapacityProviders []string }
	_ = json.NewDecoder(r.Body).Decode(&in)
	found := []map[string]any{}
	for _, name := range in.CapacityProviders {
		switch s.Providers[name] {
		case "EC2":
			found = append(found, map[string]any{"name": name, "status": "ACTIVE", "autoScalingGroupProvider": map[string]any{"autoScalingGroupArn": "arn:" + name}})
		case "MANAGED_INSTANCES":
			found = append(found, map[string]any{"name": name, "status": "ACTIVE", "managedInstancesProvider": map[string]any{"infrastructureRoleArn": "arn:" + name}})
		case "INACTIVE":
			found = append(found, map[string]any{"name": name, "status": "INACTIVE"})
		}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(map[string]any{"capacityProviders": found, "failures": []any{}})
}

func (s *Server) iam(w http.ResponseWriter, form url.Values) {
	const fault = `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>not for you</Message></Error><RequestId>1</RequestId></ErrorResponse>`
	w.Header().Set("Content-Type", "text/xml")
	if !s.note("iam:GetRole") {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, fault, "AccessDenied")
		return
	}
	for arn, trust := range s.Roles {
		if strings.HasSuffix(arn, "/"+form.Get("RoleName")) {
			fmt.Fprintf(w, `<GetRoleResponse><GetRoleResult><Role><Arn>%s</Arn><AssumeRolePolicyDocument>%s</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>`,
				arn, url.PathEscape(trust))
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
	fmt.Fprintf(w, fault, "NoSuchEntity")
}

func (s *Server) ec2(w http.ResponseWriter, form url.Values) {
	w.Header().Set("Content-Type", "text/xml")
	action := form.Get("Action")
	if !s.note("ec2:" + action) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>not for you</Message></Error></Errors><RequestID>1</RequestID></Response>`)
		return
	}
	var items strings.Builder
	for i := 1; form.Has(fmt.Sprintf("Filter.1.Value.%d", i)); i++ {
		id := form.Get(fmt.Sprintf("Filter.1.Value.%d", i))
		if subnet, ok := s.Subnets[id]; ok && action == "DescribeSubnets" {
			zone := subnet[1]
			fmt.Fprintf(&items, `<item><subnetId>%s</subnetId><vpcId>%s</vpcId><availabilityZone>%s</availabilityZone><availabilityZoneId>%s</availabilityZoneId></item>`, id, subnet[0], zone, zoneID(zone))
		}
		if vpc, ok := s.Groups[id]; ok && action == "DescribeSecurityGroups" {
			fmt.Fprintf(&items, `<item><groupId>%s</groupId><vpcId>%s</vpcId></item>`, id, vpc)
		}
	}
	set := "subnetSet"
	if action == "DescribeSecurityGroups" {
		set = "securityGroupInfo"
	}
	fmt.Fprintf(w, `<%sResponse><%s>%s</%s></%sResponse>`, action, set, items.String(), set, action)
}

// zoneID is use1-az3 for us-east-1c, say: what there is of zones has no pattern.
func zoneID(zone string) string {
	if zone == "us-east-1c" {
		return "use1-az3"
	}
	return zone + "-id"
}
