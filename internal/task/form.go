package task

import "strings"

// The forms that names and ARNs have.

// A class is a set of ASCII characters, a bit each: those below '@', and the others.
type class struct{ low, high uint64 }

const (
	lowDigits = (1<<10 - 1) << '0'
	highLower = (1<<26 - 1) << ('a' - '@')
	highUpper = (1<<26 - 1) << ('A' - '@')
	highUnder = 1 << ('_' - '@')
)

var (
	digits    = class{lowDigits, 0}
	alnums    = class{lowDigits, highUpper | highLower}
	lowers    = class{lowDigits, highLower}                                                                          // and digits
	dashed    = class{lowDigits | 1<<'-', highLower}                                                                 // the same with hyphens
	names     = class{lowDigits | 1<<'-', highUpper | highLower | highUnder}                                         // letters, digits, - and _
	paths     = class{lowDigits | 1<<'-' | 1<<'/', highUpper | highLower | highUnder}                                // the same with slashes
	suffixes  = class{1 << '-', highLower}                                                                           // of aws in the name of a partition
	roleNames = class{lowDigits | 1<<'+' | 1<<'=' | 1<<',' | 1<<'.' | 1<<'-', 1 | highUpper | highLower | highUnder} // and @
	visible   = class{^uint64(0) &^ (1<<'!' - 1), 1<<63 - 1}
)

func (c class) has(b byte) bool {
	bits := c.low
	if b >= '@' {
		bits = c.high
	}
	return b < 0x80 && bits>>(b%64)&1 != 0
}

// made reports whether s is 1 to limit characters of a class.
func made(s string, limit int, of class) bool {
	if s == "" || len(s) > limit {
		return false
	}
	for i := range len(s) {
		if !of.has(s[i]) {
			return false
		}
	}
	return true
}

// isName is the form of clusters, families, containers, volumes and capacity
// providers: "up to 255 letters (uppercase and lowercase), numbers, underscores,
// and hyphens" [API].
func isName(s string) bool { return made(s, MaxName, names) }

// cutARN returns region, account and resource of an ARN of the service.
func cutARN(s, service string) (region, account, resource string, ok bool) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != service {
		return "", "", "", false
	}
	suffix, ok := strings.CutPrefix(parts[1], "aws") // aws, aws-cn, aws-us-gov, …
	ok = ok && (suffix == "" || made(suffix, 32, suffixes))
	return parts[3], parts[4], parts[5], ok
}

func isAccount(s string) bool { return len(s) == 12 && made(s, 12, digits) }

// ecsResource returns NAME of kind/NAME in an ARN of ECS, or s itself if it is
// no ARN.
func ecsResource(s, kind string) (name string, ok bool) {
	if !strings.HasPrefix(s, "arn:") {
		return s, true
	}
	region, account, resource, ok := cutARN(s, "ecs")
	name, found := strings.CutPrefix(resource, kind+"/")
	return name, ok && found && isAccount(account) && made(region, 32, dashed)
}

// isCluster is a cluster's name or ARN.
func isCluster(s string) bool {
	name, ok := ecsResource(s, "cluster")
	return ok && isName(name)
}

// isTaskDefinition is family, family:revision or an ARN of either. The API
// reference also speaks of "all revisions", family:*: that is about policies.
func isTaskDefinition(s string) bool {
	name, ok := ecsResource(s, "task-definition")
	family, revision, numbered := strings.Cut(name, ":")
	return ok && isName(family) && (!numbered || len(revision) <= 9 && isPositive(revision))
}

// isPositive is a whole number as one writes it, without sign and leading zeros.
func isPositive(s string) bool { return made(s, len(s), digits) && s[0] != '0' }

// isRoleARN is the ARN of an IAM role, with its path if it has one.
func isRoleARN(s string) bool {
	region, account, resource, ok := cutARN(s, "iam")
	role, found := strings.CutPrefix(resource, "role/")
	i := strings.LastIndexByte(role, '/')
	name := role[i+1:]
	return ok && found && region == "" && isAccount(account) && i != 0 && (i < 0 || made(role[:i], 512, visible)) &&
		made(name, 64, roleNames)
}

// isEnvironmentFile is the ARN of an object in S3 whose key ends with .env [DG].
func isEnvironmentFile(s string) bool {
	region, account, resource, ok := cutARN(s, "s3")
	bucket, key, _ := strings.Cut(resource, "/")
	return ok && region == "" && account == "" && bucket != "" && strings.HasSuffix(key, ".env")
}

func isSubnet(s string) bool {
	id, ok := strings.CutPrefix(s, "subnet-")
	return ok && made(id, len(id), lowers)
}

func isSecurityGroup(s string) bool {
	id, ok := strings.CutPrefix(s, "sg-")
	return ok && made(id, len(id), alnums)
}

// isPlatformVersion is LATEST or three numbers. Which of them exist is not asked:
// AWS adds to them.
func isPlatformVersion(s string) bool {
	parts := strings.Split(s, ".")
	for _, p := range parts {
		if !made(p, 4, digits) {
			return s == "LATEST"
		}
	}
	return len(parts) == 3
}
