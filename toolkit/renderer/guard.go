package main

import (
	"bytes"
	"fmt"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// What is refused before a parser sees it. The same numbers stand in fairlead's own reader of YAML.
const (
	maxFile   = 4 << 20
	maxValues = 200_000
	maxDepth  = 200
)

// excess ends a render from within ReadFile: kustomize takes an error there for a missing file, and goes on.
type excess struct{ before, path, after string }

func (e excess) Error() string { return e.before + e.path + e.after }

func tooLarge(path string, size int64) excess {
	return excess{"", path, fmt.Sprintf(" has %d bytes; more than %d are not read as YAML", size, maxFile)}
}

// named gives an excess that was found below the level of names its file's name; what else was caught stays.
func named(caught any, path string) any {
	if found, ok := caught.(excess); ok && found.path == "" {
		found.path = path
		return found
	}
	return caught
}

// guarded holds the blobs that passed: overlays share their bases.
var guarded = map[string]bool{}

// guard panics with an excess where a file is too large, nests too deep, or grows too far by its aliases.
func guard(path, blob string, data []byte) {
	if guarded[blob] {
		return
	}
	if len(data) > maxFile {
		panic(tooLarge(path, int64(len(data))))
	}
	aliased := bytes.IndexByte(data, '*') >= 0 && bytes.IndexByte(data, '&') >= 0
	if aliased || mayNest(data) > maxDepth {
		measure(path, data)
	}
	guarded[blob] = true
}

// mayNest is an upper bound of how deep a text nests, from brackets and indents alone.
func mayNest(data []byte) int {
	flow, deepest, indent := 0, 0, 0
	begins := true
	for _, sign := range data {
		if begins {
			switch sign {
			case ' ', '-', '?', ':', '\t':
				indent++
				if indent > deepest {
					deepest = indent
				}
				continue
			default:
				begins = false
			}
		}
		switch sign {
		case '\n', '\r':
			begins, indent = true, 0
		case '[', '{':
			flow++
			if flow+indent > deepest {
				deepest = flow + indent
			}
		case ']', '}':
			if flow > 0 {
				flow--
			}
		}
	}
	return deepest
}

// measure parses without writing aliases out. What is no YAML passes: kustomize says so in its own words.
func measure(path string, data []byte) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	values := 0
	for {
		var document yaml.Node
		if err := decoder.Decode(&document); err != nil {
			return
		}
		if nests(&document, 0) {
			panic(excess{"", path, fmt.Sprintf(" nests more than %d levels", maxDepth)})
		}
		values += expanded(&document, map[*yaml.Node]int{})
		if values >= maxValues {
			panic(excess{"the aliases of ", path, fmt.Sprintf(" expand to more than %d values", maxValues)})
		}
	}
}

func nests(node *yaml.Node, depth int) bool {
	if depth > maxDepth+1 { // the document is a level of its own
		return true
	}
	for _, child := range node.Content {
		if nests(child, depth+1) {
			return true
		}
	}
	return false
}

// expanded counts the values that a reader without caps makes of a node; it stops at the limit.
func expanded(node *yaml.Node, sizes map[*yaml.Node]int) int {
	if node == nil {
		return 1
	}
	if node.Kind == yaml.AliasNode {
		return expanded(node.Alias, sizes)
	}
	if size, ok := sizes[node]; ok {
		return size
	}
	sizes[node] = maxValues // a node that holds itself never ends
	size := 1
	for _, child := range node.Content {
		if size += expanded(child, sizes); size >= maxValues {
			size = maxValues
			break
		}
	}
	sizes[node] = size
	return size
}
