package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// isID says whether a text is an object's id: 40 or 64 hexadecimal digits.
func isID(text string) bool {
	if len(text) != 40 && len(text) != 64 {
		return false
	}
	for i := range len(text) {
		if sign := text[i]; (sign < '0' || sign > '9') && (sign < 'a' || sign > 'f') {
			return false
		}
	}
	return true
}

// git's modes, in octal as it writes them.
const (
	modeFolder    = 0o040000
	modeLink      = 0o120000
	modeSubmodule = 0o160000
)

func kindOf(mode uint64) Kind {
	switch mode {
	case modeFolder:
		return Folder
	case modeLink:
		return Link
	case modeSubmodule:
		return Missing
	default:
		return File
	}
}

// AtTree is a commit's or a tree's files. Folders are read when something in them is asked for.
type AtTree struct {
	store   *Store
	id      string
	folders map[string]map[string]Node
}

func newAtTree(store *Store, id string) (*AtTree, error) {
	if !isID(id) {
		return nil, worldError{fmt.Sprintf("%q is no object's id", id)}
	}
	return &AtTree{store, id, map[string]map[string]Node{}}, nil
}

// Look asks the folder above.
func (t *AtTree) Look(path string) (Node, error) {
	if path == "" {
		return Node{Kind: Folder}, nil
	}
	above, name := split(path)
	folder, err := t.folder(above)
	if err != nil {
		return Node{}, err
	}
	return folder[name], nil
}

func (t *AtTree) folder(path string) (map[string]Node, error) {
	if known, ok := t.folders[path]; ok {
		return known, nil
	}
	id := t.id + "^{tree}"
	if path != "" {
		node, err := t.Look(path)
		if err != nil {
			return nil, err
		}
		if node.Kind != Folder {
			return nil, nil
		}
		id = node.Blob
	}
	data, err := t.store.Object(id, "tree")
	if err != nil {
		return nil, err
	}
	folder, err := parseTree(data, len(t.id)/2)
	if err != nil {
		return nil, err
	}
	t.folders[path] = folder
	return folder, nil
}

// Read asks the store.
func (t *AtTree) Read(_ string, node Node) ([]byte, error) { return t.store.Object(node.Blob, "blob") }

// ID is what the tree says.
func (*AtTree) ID(_ string, node Node) (string, error) { return node.Blob, nil }

// List names a folder's entries, submodules left out.
func (t *AtTree) List(path string) ([]string, error) {
	folder, err := t.folder(path)
	names := make([]string, 0, len(folder))
	for name, node := range folder {
		if node.Kind != Missing {
			names = append(names, name)
		}
	}
	return names, err
}

// parseTree reads a tree object: for each entry its mode, a space, its name, NUL, and the raw id.
func parseTree(data []byte, idSize int) (map[string]Node, error) {
	out := map[string]Node{}
	for len(data) > 0 {
		space := bytes.IndexByte(data, ' ')
		end := bytes.IndexByte(data, 0)
		if space < 0 || end < space || len(data) < end+1+idSize {
			return nil, worldError{"a tree object is damaged; git fsck tells more"}
		}
		mode, err := strconv.ParseUint(string(data[:space]), 8, 32)
		if err != nil {
			return nil, worldError{"a tree object is damaged; git fsck tells more"}
		}
		id := hex.EncodeToString(data[end+1 : end+1+idSize])
		out[string(data[space+1:end])] = Node{kindOf(mode), id}
		data = data[end+1+idSize:]
	}
	return out, nil
}

func split(path string) (folder, name string) {
	at := strings.LastIndexByte(path, '/')
	if at < 0 {
		return "", path
	}
	return path[:at], path[at+1:]
}
