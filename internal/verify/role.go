package verify

import (
	"slices"
	"strings"
)

// roles checks that roles exist, and that ECS may assume them.
func (c *checker) roles(uses []roleUse) {
	for _, u := range uses {
		if u.open {
			c.open("role-exists", "role", u.field)
			continue
		}
		key := u.arn + " " + u.service
		if u.arn == "" || c.roleDone[key] { // two task definitions may have the same
			continue
		}
		c.roleDone[key] = true
		c.subject = "role " + u.arn[strings.LastIndexByte(u.arn, '/')+1:]
		if account := arnAccount(u.arn); c.s.Account != "" && account != c.s.Account {
			c.ng("role-exists", u.field, "use a role of the tasks' own account", "is a role of account %s, and tasks of account %s cannot have it", account, c.s.Account)
			continue
		}
		seen := c.s.Roles[u.arn]
		if !found(c, seen, "role-exists", u.field, "does not exist", "create it, or correct the ARN") {
			continue
		}
		if !slices.Contains(seen.Is.Trusts, u.service) {
			c.ng("role-trust", u.field, "let "+u.service+" assume it in its trust policy", "does not trust %s, but %s", u.service, quoted(seen.Is.Trusts))
			continue
		}
		c.ok("role-trust", "exists and trusts %s", u.service)
	}
}
