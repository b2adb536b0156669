package main

import (
	"strconv"
	"strings"
)

// Listed is an index: its files by their blob ids.
type Listed struct {
	store    *Store
	nodes    map[string]Node
	children map[string][]string // made when somebody asks
}

// newListed reads the form of `git ls-files -s -z`; of a path in conflict, our side. There may be two hundred
// thousand of them, so each is looked at once and copied never.
func newListed(store *Store, listing []byte) (*Listed, error) {
	text := string(listing)
	nodes := make(map[string]Node, strings.Count(text, "\x00")*5/4)
	nodes[""] = Node{Kind: Folder}
	for len(text) > 0 {
		var line string
		line, text, _ = strings.Cut(text, "\x00")
		if line == "" {
			continue
		}
		head, name, ok := strings.Cut(line, "\t")
		octal, rest, _ := strings.Cut(head, " ")
		id, stage, _ := strings.Cut(rest, " ")
		mode, err := strconv.ParseUint(octal, 8, 32)
		if !ok || err != nil || !isID(id) || len(stage) != 1 {
			return nil, worldError{"a listing of the index is damaged"}
		}
		if mode == modeSubmodule || (stage != "0" && stage != "2") {
			continue
		}
		nodes[name] = Node{kindOf(mode), id}
		for above, _ := split(name); above != ""; above, _ = split(above) {
			if _, known := nodes[above]; known {
				break
			}
			nodes[above] = Node{Kind: Folder}
		}
	}
	return &Listed{store: store, nodes: nodes}, nil
}

// Look asks the listing.
func (t *Listed) Look(path string) (Node, error) { return t.nodes[path], nil }

// Read asks the store.
func (t *Listed) Read(_ string, node Node) ([]byte, error) { return t.store.Object(node.Blob, "blob") }

// ID is what the listing says.
func (*Listed) ID(_ string, node Node) (string, error) { return node.Blob, nil }

// List names a folder's entries.
func (t *Listed) List(path string) ([]string, error) {
	if t.children == nil {
		t.children = map[string][]string{}
		for place := range t.nodes {
			if above, name := split(place); name != "" {
				t.children[above] = append(t.children[above], name)
			}
		}
	}
	return t.children[path], nil
}
