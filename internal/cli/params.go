package cli

import (
	"strings"

	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

// paramFlags are the values of a mapping's parameters, as the command line has
// them.
type paramFlags struct{ files, pairs list }

func (p *paramFlags) declare(f *flags) {
	f.list(&p.pairs, "param", "NAME=VALUE", "value of a parameter of the mapping, in place of one from a file")
	f.list(&p.files, "params", "FILE", "values in YAML or JSON, NAME: VALUE; a later file replaces those of an earlier one")
}

// options are what a mapping is compiled with. status is not ExitOK if there are
// none, which has then been said.
func (c *Command) options(p *paramFlags) (o compile.Options, status int) {
	o.Params = map[string]any{}
	for _, file := range p.files {
		source, err := c.read(file)
		if err != nil {
			return o, c.fail(err)
		}
		values, findings := compile.ReadParams(file, source)
		if len(findings) > 0 {
			c.printFindings(file, findings, source)
			return o, ExitFailed
		}
		for name, value := range values {
			o.Params[name] = value
		}
	}
	for _, pair := range p.pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return o, c.usageError("write --param bucket=uploads", "--param takes NAME=VALUE, got %q", pair)
		}
		o.Params[name] = value
	}
	return o, ExitOK
}
