package cli

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

// writeGitHub writes findings as workflow commands, which GitHub Actions shows at
// their lines: its documentation, "Workflow commands", has the form and escapes.
func (c *Command) writeGitHub(findings diag.List) {
	text := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, f := range findings {
		place := "file=" + property.Replace(filepath.ToSlash(f.File))
		if f.Pos.Line > 0 {
			place += fmt.Sprintf(",line=%d,col=%d,endColumn=%d", f.Pos.Line, f.Pos.Col, f.Pos.Col+max(f.Width, 1))
		}
		message := f.Message
		if f.Hint != "" {
			message += "\nhint: " + f.Hint
		}
		fmt.Fprintf(c.Stdout, "::%s %s,title=%s::%s\n", f.Severity, place, property.Replace("taskbridge "+f.Code), text.Replace(message))
	}
}

// The parts of SARIF 2.1.0 (OASIS) that findings need.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"semanticVersion"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string `json:"id"`
		HelpURI string `json:"helpUri"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)

const projectURI = "https://github.com/taskbridge/taskbridge"

// writeSARIF writes findings for code scanning.
func (c *Command) writeSARIF(findings diag.List) error {
	driver := sarifDriver{Name: "taskbridge", Version: Version, InformationURI: projectURI, Rules: []sarifRule{}}
	var codes []string
	for _, f := range findings {
		codes = append(codes, f.Code)
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	for _, code := range codes {
		driver.Rules = append(driver.Rules, sarifRule{code, projectURI + "/blob/main/docs/" + pageOf(code)})
	}
	results := []sarifResult{}
	for _, f := range findings {
		message := f.Message
		if f.Hint != "" {
			message += " (" + f.Hint + ")"
		}
		r := sarifResult{
			RuleID: f.Code, RuleIndex: slices.Index(codes, f.Code), Level: f.Severity.String(), Message: sarifText{message},
			Locations: []sarifLocation{locationOf(f.File, f.Pos, f.Width, "")},
		}
		for _, other := range f.Related {
			r.Related = append(r.Related, locationOf(other.File, other.Pos, 0, other.Message))
		}
		results = append(results, r)
	}
	return c.writeJSON(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{{sarifTool{driver}, "unicodeCodePoints", results}},
	})
}

func locationOf(file string, pos diag.Pos, width int, message string) sarifLocation {
	uri := url.URL{Path: filepath.ToSlash(file)}
	out := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{uri.String()}}}
	if pos.Line > 0 {
		out.Physical.Region = &sarifRegion{StartLine: pos.Line, StartColumn: max(pos.Col, 1)}
		if width > 0 {
			out.Physical.Region.EndColumn = max(pos.Col, 1) + width
		}
	}
	if message != "" {
		out.Message = &sarifText{message}
	}
	return out
}

// pageOf is where docs explain a code: RunTask's limits and the checks of a lock
// have pages of their own.
func pageOf(code string) string {
	switch {
	case slices.Contains(compile.Codes, code):
		return "findings.md#" + code
	case strings.HasPrefix(code, "runtask-"):
		return "limits.md"
	}
	return "verify.md#the-checks"
}
