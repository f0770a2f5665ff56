package cli

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/pattern"
	"github.com/taskbridge/taskbridge/internal/scan"
)

// patternFindings is what is wrong with a pattern.
func patternFindings(file string, text []byte) diag.List {
	_, err := pattern.Compile(&scan.Paths{}, text)
	var findings diag.List
	for _, err := range diag.Unjoin(err) {
		f := diag.Finding{File: file, Width: 1, Code: pattern.CodeJSON, Message: err.Error()}
		var e *pattern.Error
		if errors.As(err, &e) {
			f.Code, f.Message, f.Hint = e.Code, e.Msg, e.Hint
			f.Pos, f.Width = posOf(text, e.Offset), tokenWidth(text, e.Offset)
		}
		findings = append(findings, f)
	}
	findings.Sort()
	return findings
}

// posOf is the place of a byte of text.
func posOf(text []byte, offset int) diag.Pos {
	before := text[:min(offset, len(text))]
	line := bytes.LastIndexByte(before, '\n') + 1
	return diag.Pos{Line: bytes.Count(before, []byte("\n")) + 1, Col: utf8.RuneCount(before[line:]) + 1}
}

// tokenWidth is how many characters the string or number at a byte of text has,
// 1 for anything else.
func tokenWidth(text []byte, offset int) int {
	switch v := scan.NewCursor(text[min(offset, len(text)):]).Value(); v.Kind {
	case scan.Missing, scan.Object, scan.Array:
		return 1
	default:
		return utf8.RuneCount(v.Raw)
	}
}
