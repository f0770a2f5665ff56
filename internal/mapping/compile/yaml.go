package compile

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/taskbridge/taskbridge/internal/diag"
)

// maxNodes bounds the tree after aliases are expanded: a few lines of YAML can
// otherwise stand for billions of values.
const maxNodes = 200_000

// maxDepth bounds nesting, which aliases could otherwise make endless.
const maxDepth = 100

type nodeKind uint8

const (
	scalarNode nodeKind = iota
	mapNode
	listNode
)

// A node is a value of the mapping file with its place. Aliases and merge keys
// are resolved: the place is where the value was written.
type node struct {
	kind    nodeKind
	pos     diag.Pos
	width   int
	tag     string // of a scalar: !!str, !!int, !!float, !!bool, !!null
	text    string // of a scalar, unquoted
	style   yaml.Style
	inner   diag.Pos   // where the text begins, if it stands in one line as it is
	places  []diag.Pos // of its characters otherwise; see within
	made    bool       // the value of an expression: it is not read for ${…} again
	unknown bool       // it stands for a value that is not known yet
	members []member
	items   []*node
}

type member struct {
	key   string
	pos   diag.Pos // of the key
	value *node
}

func (n *node) member(key string) *node {
	for _, m := range n.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// isText reports whether n is a string.
func (n *node) isText() bool { return n.kind == scalarNode && n.tag == "!!str" }

func (n *node) null() bool { return n.kind == scalarNode && n.tag == "!!null" }

// what names the value for a message: a list, an object, the scalar itself.
func (n *node) what() string {
	switch {
	case n.kind == mapNode:
		return "an object"
	case n.kind == listNode:
		return "a list"
	case n.tag == "!!null":
		return "null"
	case n.tag == "!!str":
		return fmt.Sprintf("the string %q", n.text)
	}
	word := "number"
	if n.tag == "!!bool" {
		word = "bool"
	}
	return fmt.Sprintf("the %s %s", word, n.text)
}

// parse reads the file into a tree; nil if it is no YAML.
func (c *compiler) parse() *node {
	if len(c.source) > MaxBytes {
		c.add(diag.Pos{}, 1, CodeSyntax, "split the mapping", "the file has %d bytes, at most %d", len(c.source), MaxBytes)
		return nil
	}
	if !utf8.Valid(c.source) {
		c.add(diag.Pos{}, 1, CodeSyntax, "save the file as UTF-8", "the file is not valid UTF-8")
		return nil
	}
	if at, ok := strayBreak(c.lines); ok {
		c.add(at, 1, CodeSyntax, `end lines with \n or \r\n; in a quoted text write the escape`, "a line break of another kind")
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(c.source))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		c.syntax(err)
		return nil
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		c.add(diag.Pos{Line: second.Line, Col: second.Column}, 1, CodeSyntax, "one mapping a file", "a second document begins here")
	} else if err != io.EOF {
		c.syntax(err)
	}
	if len(doc.Content) == 0 {
		c.syntax(io.EOF)
		return nil
	}
	root := c.node(doc.Content[0], 0)
	if c.nodes > maxNodes {
		return nil // what is left of the file would give misleading findings
	}
	return root
}

// strayBreak finds the first character that YAML takes for a line break and
// editors do not: every place behind it would be counted differently.
func strayBreak(lines []string) (diag.Pos, bool) {
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\r")
		if at := strings.IndexAny(line, "\r\u0085\u2028\u2029"); at >= 0 {
			return diag.Pos{Line: i + 1, Col: utf8.RuneCountInString(line[:at]) + 1}, true
		}
	}
	return diag.Pos{}, false
}

// node converts y. It returns nil, with a finding, where the file expands
// without bound.
func (c *compiler) node(y *yaml.Node, depth int) *node {
	at := diag.Pos{Line: y.Line, Col: y.Column}
	c.nodes++
	if c.nodes > maxNodes || depth > maxDepth {
		if c.nodes <= maxNodes+1 {
			c.nodes = maxNodes + 1
			c.add(at, 1, CodeAlias, "write fewer aliases of aliases", "the file expands to more than %d values or %d levels", maxNodes, maxDepth)
		}
		return nil
	}
	if name := functionOf(y.Tag); c.functions && name != "" {
		plain := *y
		plain.Tag = ""
		n := &node{kind: mapNode, pos: at, width: 1}
		if arg := c.node(&plain, depth+1); arg != nil {
			n.members = []member{{name, at, arg}}
		}
		return n
	}
	switch y.Kind {
	case yaml.AliasNode:
		return c.node(y.Alias, depth+1)
	case yaml.MappingNode:
		return c.mapNode(y, at, depth)
	case yaml.SequenceNode:
		n := &node{kind: listNode, pos: at, width: 1}
		for _, item := range y.Content {
			if child := c.node(item, depth+1); child != nil {
				n.items = append(n.items, child)
			}
		}
		return n
	default:
		return c.scalar(y, at)
	}
}

// functionOf is the long form of the CloudFormation function that a tag stands
// for; "" for YAML's own tags.
func functionOf(tag string) string {
	name, ok := strings.CutPrefix(tag, "!")
	switch {
	case !ok || name == "" || strings.HasPrefix(name, "!"):
		return ""
	case name == "Ref" || name == "Condition":
		return name
	}
	return "Fn::" + name
}

func (c *compiler) mapNode(y *yaml.Node, at diag.Pos, depth int) *node {
	n := &node{kind: mapNode, pos: at, width: 1}
	seen := map[string]diag.Pos{}
	var merged []*node
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, value := y.Content[i], y.Content[i+1]
		keyPos := diag.Pos{Line: key.Line, Col: key.Column}
		child := c.node(value, depth+1)
		if child == nil {
			continue
		}
		if key.Tag == "!!merge" {
			merged = append(merged, c.merged(child)...)
			continue
		}
		if key.Kind != yaml.ScalarNode {
			c.add(keyPos, 1, CodeShape, "quote it, if it is meant to begin with [ or {", "a key must be text")
			continue
		}
		if first, ok := seen[key.Value]; ok {
			c.add(keyPos, len([]rune(key.Value)), CodeDuplicateKey, "remove one of them", "key %q is set twice, first at %s", key.Value, first)
			continue
		}
		seen[key.Value] = keyPos
		n.members = append(n.members, member{key.Value, keyPos, child})
	}
	for _, m := range merged {
		for _, member := range m.members {
			if _, ok := seen[member.key]; !ok {
				seen[member.key] = member.pos
				n.members = append(n.members, member)
			}
		}
	}
	return n
}

const mergeHint = "write <<: *anchor, or <<: [*one, *two], of anchors that are objects"

// merged returns the objects that a merge key brings in.
func (c *compiler) merged(n *node) []*node {
	if n.kind == mapNode {
		return []*node{n}
	}
	for _, item := range n.items {
		if item.kind != mapNode {
			c.at(item, CodeShape, mergeHint, "a merge key takes objects, got %s", item.what())
			return nil
		}
	}
	if n.kind != listNode {
		c.at(n, CodeShape, mergeHint, "a merge key takes objects, got %s", n.what())
	}
	return n.items
}

// scalar converts a scalar. inner is where its text begins, if the text stands
// in the file as it is, so that a place inside an expression can be shown.
func (c *compiler) scalar(y *yaml.Node, at diag.Pos) *node {
	n := &node{kind: scalarNode, pos: at, width: max(len([]rune(y.Value)), 1), tag: y.ShortTag(), text: y.Value, style: y.Style}
	switch n.tag {
	case "!!str", "!!int", "!!float", "!!bool", "!!null":
	default: // timestamps, binary, custom tags: the text is what counts
		n.tag = "!!str"
	}
	quote := 0
	if y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		quote = 1
	}
	if at.Line >= 1 && at.Line <= len(c.lines) && !strings.Contains(y.Value, "\n") {
		line, text := c.runes(at.Line), []rune(y.Value)
		start := at.Col - 1 + quote
		if end := start + len(text); end <= len(line) && slices.Equal(line[start:end], text) {
			n.inner = diag.Pos{Line: at.Line, Col: at.Col + quote}
			n.width += 2 * quote
		}
	}
	if n.inner == (diag.Pos{}) {
		n.width = 1
	}
	if noNumber(n) {
		c.at(n, CodeShape, "put it in quotes if text is meant", "%s is no number that JSON has: those reach about ±1.8e308", n.text)
		n.tag, n.unknown = "!!str", true
	}
	return n
}

// runes is a line of the file. The last one is kept: a file may be one long line.
func (c *compiler) runes(line int) []rune {
	if c.line != line {
		c.line, c.lineRunes = line, []rune(c.lines[line-1])
	}
	return c.lineRunes
}
