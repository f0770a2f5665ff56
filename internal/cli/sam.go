package cli

import (
	"os"

	"github.com/taskbridge/taskbridge/internal/provision"
	"github.com/taskbridge/taskbridge/internal/sam"
)

func samVerb() verb {
	return verb{
		name:     "sam",
		summary:  "write a SAM template for a mapping",
		synopsis: []string{"[flags] [FILE]"},
		about: "writes a SAM template that provisions the function, the rules and schedules that a mapping names, " +
			"the queue, alarms, and a role that allows the mapping's launches and no more. Variables of the function's environment become parameters.",
		operands: fileOperands,
		exits:    "0 written; 1 there are findings, or AWS has a limit that the mapping exceeds; 3 a file could not be read or written.",
		examples: []string{"taskbridge sam --code dist/handler/ -o template.yaml taskbridge.yaml"},
		bind: func(f *flags) runner {
			o := &samOptions{out: "-", code: "dist/handler/"}
			f.text(&o.out, "o", "FILE", "where to write, standard output unless given")
			f.text(&o.code, "code", "DIR", "the folder with bootstrap and plan, or the zip of taskbridge package, as seen from the template")
			f.choice(&o.delivery, "delivery", "queue: through SQS; fifo: through a FIFO queue, in order for each rule; direct: EventBridge invokes the function", "queue", "fifo", "direct")
			f.list(&o.env, "env", "NAME=VALUE", "the default of a variable's parameter")
			o.params.declare(f)
			return func(c *Command, files []string) int { return c.sam(o, files) }
		},
	}
}

type samOptions struct {
	params              paramFlags
	out, code, delivery string
	env                 list
}

func (c *Command) sam(o *samOptions, files []string) int {
	env, status := c.variables(o.env)
	if status != ExitOK {
		return status
	}
	plan, status := c.onePlan("sam", files, &o.params)
	if plan == nil {
		return status
	}
	text, err := sam.Template(plan, sam.Options{
		Topology: provision.Topology{Direct: o.delivery == "direct", FIFO: o.delivery == "fifo"}, CodeURI: o.code, Defaults: env,
	})
	if err != nil {
		c.errorf("%v", err)
		return ExitFailed
	}
	if o.out == "-" {
		_, err = c.Stdout.Write(text)
	} else {
		err = os.WriteFile(o.out, text, 0o644)
	}
	return c.done(err)
}
