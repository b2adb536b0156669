package main

import (
	"bytes"
	"strconv"
	"strings"
)

// Listed is an index: its files by their blob ids.
type Listed struct {
	store    *Store
	nodes    map[string]Node
	children map[string][]string // made when somebody asks
}

// newListed reads the form of `git ls-files -s -z`; of a path in conflict, our side.
func newListed(store *Store, listing []byte) (*Listed, error) {
	nodes := map[string]Node{"": {Kind: Folder}}
	for _, line := range bytes.Split(listing, []byte{0}) {
		if len(line) == 0 {
			continue
		}
		head, name, ok := strings.Cut(string(line), "\t")
		words := strings.Fields(head)
		if !ok || len(words) != 3 || !objectID.MatchString(words[1]) {
			return nil, worldError{"a listing of the index is damaged"}
		}
		mode, err := strconv.ParseUint(words[0], 8, 32)
		if err != nil {
			return nil, worldError{"a listing of the index is damaged"}
		}
		if mode == modeSubmodule || (words[2] != "0" && words[2] != "2") {
			continue
		}
		nodes[name] = Node{kindOf(mode), words[1]}
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
