package compile

// The codes of findings. Each has a section in docs/findings.md and an example
// in testdata/bad; those of patterns and expressions come from the packages that
// compile them.
const (
	CodeSyntax         = "yaml-syntax"
	CodeDuplicateKey   = "duplicate-key"
	CodeAlias          = "yaml-alias"
	CodeShape          = "shape"
	CodeUnknownKey     = "unknown-key"
	CodeUnsupportedKey = "unsupported-key"
	CodeMissingKey     = "missing-key"
	CodeVersion        = "version"
	CodeRuleName       = "rule-name"
	CodeDuplicateRule  = "duplicate-rule"
	CodeUnterminated   = "expression-unterminated"
	CodeUnbounded      = "expression-unbounded"
	CodeFieldType      = "field-type"
	CodeFieldLimit     = "field-limit"
)

// Codes lists every code that Compile can report.
var Codes = []string{
	CodeSyntax, CodeDuplicateKey, CodeAlias, CodeShape, CodeUnknownKey, CodeUnsupportedKey, CodeMissingKey, CodeVersion,
	CodeRuleName, CodeDuplicateRule, CodeUnterminated, CodeUnbounded, CodeFieldType, CodeFieldLimit,
	"expression-syntax", "expression-reference", "expression-type", "expression-unsupported", "expression-fails",
	"pattern-shape", "pattern-size", "pattern-operator", "pattern-operand", "pattern-or",
}
