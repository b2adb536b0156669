package main

import "strings"

// Edited is a tree with files written or removed in memory.
type Edited struct {
	below   Tree
	edits   map[string]*Edit
	folders map[string]bool
}

func newEdited(below Tree, edits map[Path]*Edit) Tree {
	if len(edits) == 0 {
		return below
	}
	tree := &Edited{below, make(map[string]*Edit, len(edits)), map[string]bool{}}
	for path, edit := range edits {
		tree.edits[string(path)] = edit
		if edit == nil {
			continue
		}
		for above, _ := split(string(path)); above != ""; above, _ = split(above) {
			tree.folders[above] = true
		}
	}
	return tree
}

// Look asks the edits, then what they stand on. A folder whose files were all removed still counts as one.
func (t *Edited) Look(path string) (Node, error) {
	edit, ok := t.edits[path]
	switch {
	case t.folders[path]:
		return Node{Kind: Folder}, nil
	case !ok && t.covered(path):
		return Node{}, nil
	case !ok:
		return t.below.Look(path)
	case edit == nil:
		return Node{}, nil
	case edit.Mode == modeLink:
		return Node{Link, blobID(edit.Data)}, nil
	default:
		return Node{File, blobID(edit.Data)}, nil
	}
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
