package task

import "strings"

// The forms that names and ARNs have.

// made reports whether s is 1 to limit characters that ok accepts.
func made(s string, limit int, ok func(byte) bool) bool {
	if s == "" || len(s) > limit {
		return false
	}
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func lower(b byte) bool    { return 'a' <= b && b <= 'z' }
func digit(b byte) bool    { return '0' <= b && b <= '9' }
func letter(b byte) bool   { return lower(b) || 'A' <= b && b <= 'Z' }
func alnum(b byte) bool    { return letter(b) || digit(b) }
func nameByte(b byte) bool { return alnum(b) || b == '-' || b == '_' }
func visible(b byte) bool  { return '!' <= b && b <= '~' }

// isName is the form of clusters, families, containers, volumes and capacity
// providers: "up to 255 letters (uppercase and lowercase), numbers, underscores,
// and hyphens" [API].
func isName(s string) bool { return made(s, MaxName, nameByte) }

// cutARN returns region, account and resource of an ARN of the service.
func cutARN(s, service string) (region, account, resource string, ok bool) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != service {
		return "", "", "", false
	}
	suffix, ok := strings.CutPrefix(parts[1], "aws") // aws, aws-cn, aws-us-gov, …
	ok = ok && (suffix == "" || made(suffix, 32, func(b byte) bool { return lower(b) || b == '-' }))
	return parts[3], parts[4], parts[5], ok
}

func isAccount(s string) bool { return len(s) == 12 && made(s, 12, digit) }

// ecsResource returns NAME of kind/NAME in an ARN of ECS, or s itself if it is
// no ARN.
func ecsResource(s, kind string) (name string, ok bool) {
	if !strings.HasPrefix(s, "arn:") {
		return s, true
	}
	region, account, resource, ok := cutARN(s, "ecs")
	name, found := strings.CutPrefix(resource, kind+"/")
	return name, ok && found && isAccount(account) && made(region, 32, func(b byte) bool { return lower(b) || digit(b) || b == '-' })
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
func isPositive(s string) bool { return made(s, len(s), digit) && s[0] != '0' }

// isRoleARN is the ARN of an IAM role, with its path if it has one.
func isRoleARN(s string) bool {
	region, account, resource, ok := cutARN(s, "iam")
	role, found := strings.CutPrefix(resource, "role/")
	i := strings.LastIndexByte(role, '/')
	name := role[i+1:]
	return ok && found && region == "" && isAccount(account) && i != 0 && (i < 0 || made(role[:i], 512, visible)) &&
		made(name, 64, func(b byte) bool { return alnum(b) || strings.IndexByte("_+=,.@-", b) >= 0 })
}

// isEnvironmentFile is the ARN of an object in S3 whose key ends with .env [DG].
func isEnvironmentFile(s string) bool {
	region, account, resource, ok := cutARN(s, "s3")
	bucket, key, _ := strings.Cut(resource, "/")
	return ok && region == "" && account == "" && bucket != "" && strings.HasSuffix(key, ".env")
}

func isSubnet(s string) bool {
	id, ok := strings.CutPrefix(s, "subnet-")
	return ok && made(id, len(id), func(b byte) bool { return lower(b) || digit(b) })
}

func isSecurityGroup(s string) bool {
	id, ok := strings.CutPrefix(s, "sg-")
	return ok && made(id, len(id), alnum)
}

// isPlatformVersion is LATEST or three numbers. Which of them exist is not asked:
// AWS adds to them.
func isPlatformVersion(s string) bool {
	parts := strings.Split(s, ".")
	for _, p := range parts {
		if !made(p, 4, digit) {
			return s == "LATEST"
		}
	}
	return len(parts) == 3
}
