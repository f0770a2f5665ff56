package cli

import "github.com/taskbridge/taskbridge/internal/jsonschema"

func schemaVerb() verb {
	return verb{
		name:     "schema",
		summary:  "print a JSON Schema for editors",
		synopsis: []string{"[--tests]"},
		about: "prints the JSON Schema of the mapping file, so that editors complete and check it, or that of the tests beside it.\n\n" +
			"An editor with the YAML language server takes it from a comment in the first line of the mapping: " +
			"# yaml-language-server: $schema=taskbridge.schema.json\n\n" +
			"validate knows more: what the schema accepts may still have findings.",
		operands: noOperands,
		exits:    "0 printed.",
		examples: []string{"taskbridge schema > taskbridge.schema.json"},
		bind: func(f *flags) runner {
			var tests bool
			f.bool(&tests, "tests", "that of taskbridge_test.yaml")
			return func(c *Command, args []string) int { return c.schema(tests, args) }
		},
	}
}

func (c *Command) schema(tests bool, args []string) int {
	if len(args) > 0 {
		return c.usageError("", "schema takes no arguments, got %q", args[0])
	}
	write := jsonschema.Mapping
	if tests {
		write = jsonschema.Tests
	}
	text, err := write()
	if err == nil {
		_, err = c.Stdout.Write(text)
	}
	if err != nil {
		return c.fail(err)
	}
	return ExitOK
}
