package compile

import (
	"slices"

	"github.com/taskbridge/taskbridge/internal/expr/lower"
	"github.com/taskbridge/taskbridge/internal/pattern"
)

// The codes of findings. Each has a section in docs/findings.md and an example
// in testdata/bad; those of patterns and expressions come from the packages that
// compile them.
const (
	CodeSyntax        = "yaml-syntax"
	CodeDuplicateKey  = "duplicate-key"
	CodeAlias         = "yaml-alias"
	CodeShape         = "shape"
	CodeUnknownKey    = "unknown-key"
	CodeMissingKey    = "missing-key"
	CodeConflict      = "conflict"
	CodeVersion       = "version"
	CodeParam         = "param"
	CodeParamUnbound  = "param-unbound"
	CodeParamUnknown  = "param-unknown"
	CodeParamUnused   = "param-unused"
	CodeParamValue    = "param-value"
	CodeSchema        = "schema"
	CodeRuleName      = "rule-name"
	CodeDuplicateRule = "duplicate-rule"
	CodeSetting       = "setting"
	CodeSchedule      = "schedule"
	CodeWhenConstant  = "when-constant"
	CodeKeyConstant   = "key-constant"
	CodeUnterminated  = "expression-unterminated"
	CodeNotConstant   = "expression-not-constant"
	CodeUnbounded     = "expression-unbounded"
	CodeFieldType     = "field-type"

	CodePatternNever   = "pattern-never"
	CodePatternUnknown = "pattern-unknown-event"
	CodePatternClock   = "pattern-scheduled"
	CodeDuplicateTask  = "duplicate-launch"
	CodeShell          = "shell-injection"
	CodeSecret         = "secret-literal"
	CodeOverrideSize   = "override-size"
	CodePlaceholder    = "text-placeholder"
)

// Codes lists every code that Compile can report, or a look at a pattern alone, but
// for those of RunTask's limits: package task has them, they begin with runtask-,
// and docs/limits.md lists them.
var Codes = slices.Concat([]string{
	CodeSyntax, CodeDuplicateKey, CodeAlias, CodeShape, CodeUnknownKey, CodeMissingKey, CodeConflict, CodeVersion,
	CodeParam, CodeParamUnbound, CodeParamUnknown, CodeParamUnused, CodeParamValue, CodeSchema,
	CodeRuleName, CodeDuplicateRule, CodeSetting, CodeSchedule, CodeWhenConstant, CodeKeyConstant,
	CodeUnterminated, CodeNotConstant, CodeUnbounded, CodeFieldType,
	CodePatternNever, CodePatternUnknown, CodePatternClock, CodeDuplicateTask, CodeShell, CodeSecret, CodeOverrideSize, CodePlaceholder,
	lower.CodeSyntax, lower.CodeReference, lower.CodeType, lower.CodeUnsupported, lower.CodeFails, lower.CodeOptional,
}, pattern.Codes)
