package main

import "strings"

// Edited is a tree with files written or removed in memory.
type Edited struct {
	below   Tree
	edits   map[string]*Edit
	folders map[string]bool // those that files in memory lie in
	thinned map[string]bool // those that lost files
}

func newEdited(below Tree, edits map[Path]*Edit) Tree {
	if len(edits) == 0 {
		return below
	}
	tree := &Edited{below, make(map[string]*Edit, len(edits)), map[string]bool{}, map[string]bool{}}
	for path, edit := range edits {
		tree.edits[string(path)] = edit
		marked := tree.folders
		if edit == nil {
			marked = tree.thinned
		}
		for above, _ := split(string(path)); above != ""; above, _ = split(above) {
			marked[above] = true
		}
	}
	return tree
}

// Look asks the edits, then what they stand on. As in git, a folder whose files were all removed is none.
func (t *Edited) Look(path string) (Node, error) {
	edit, ok := t.edits[path]
	switch {
	case t.folders[path]:
		return Node{Kind: Folder}, nil
	case !ok && t.covered(path):
		return Node{}, nil
	case !ok:
		return t.under(path)
	case edit == nil:
		return Node{}, nil
	case edit.Mode == modeLink:
		return Node{Link, blobID(edit.Data)}, nil
	default:
		return Node{File, blobID(edit.Data)}, nil
	}
}

// under is what the edits leave of what lies below them.
func (t *Edited) under(path string) (Node, error) {
	node, err := t.below.Look(path)
	if err != nil || node.Kind != Folder || path == "" {
		return node, err
	}
	if !t.thinned[path] {
		return node, nil
	}
	names, err := t.below.List(path)
	if err != nil {
		return node, err
	}
	for _, name := range names {
		left, err := t.Look(path + "/" + name)
		if err != nil || left.Kind != Missing {
			return node, err
		}
	}
	return Node{}, nil
}

// covered says whether a file or link stands in memory where a folder above the path would be.
func (t *Edited) covered(path string) bool {
	for at := strings.LastIndexByte(path, '/'); at > 0; at = strings.LastIndexByte(path[:at], '/') {
		if t.edits[path[:at]] != nil {
			return true
		}
	}
	return false
}

// Read asks the edits, then what they stand on.
func (t *Edited) Read(path string, node Node) ([]byte, error) {
	if edit := t.edits[path]; edit != nil {
		return edit.Data, nil
	}
	return t.below.Read(path, node)
}

// ID asks the edits, then what they stand on.
func (t *Edited) ID(path string, node Node) (string, error) {
	if edit := t.edits[path]; edit != nil {
		return blobID(edit.Data), nil
	}
	return t.below.ID(path, node)
}

// List names what is left of a folder.
func (t *Edited) List(path string) ([]string, error) {
	below, err := t.below.List(path)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, name := range below {
		names[name] = true
	}
	for place := range t.edits {
		if above, name := split(place); above == path {
			names[name] = true
		}
	}
	for place := range t.folders {
		if above, name := split(place); above == path {
			names[name] = true
		}
	}
	left := make([]string, 0, len(names))
	for name := range names {
		node, err := t.Look(strings.TrimPrefix(path+"/"+name, "/"))
		if err != nil {
			return nil, err
		}
		if node.Kind != Missing {
			left = append(left, name)
		}
	}
	return left, nil
}
