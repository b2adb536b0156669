package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// root is where kustomize believes the repository to lie, wherever it does: messages don't differ from machine
// to machine, and an absolute path in a kustomization leads nowhere.
const root = "/fairlead-repository"

const maxLinks = 255 // as filepath.EvalSymlinks

var errReadOnly = errors.New("a snapshot is never written")

// Files is a snapshot as kustomize sees it for one render. It keeps to the repository, and records what it was
// asked for.
type Files struct {
	tree   Tree
	record *Record
	edit   func(path string, data []byte) []byte
	root   string  // where kustomize believes them to lie
	label  string  // stands before a path where the repository isn't the one under judgement
	remote *mounts // the clones that lie beside them
	// One look and one read for each path: a work tree may change meanwhile, and what is recorded is what was used.
	nodes map[string]Node
	data  map[string][]byte
	// seen are files that were found, and mattered by being there: nobody may read them later.
	seen map[string]Node
}

func newFiles(tree Tree, record *Record) *Files {
	return &Files{tree: tree, record: record, root: root, nodes: map[string]Node{}, data: map[string][]byte{}, seen: map[string]Node{}}
}

func (f *Files) look(path string) (Node, error) {
	if node, ok := f.nodes[path]; ok {
		return node, nil
	}
	node, err := f.tree.Look(path)
	if err == nil {
		f.nodes[path] = node
	}
	return node, f.fatal(err)
}

// read returns a file's bytes or a link's target, and records them. What is too large is recorded as well: it
// decides the result.
func (f *Files) read(path string, node Node) ([]byte, error) {
	if data, ok := f.data[path]; ok {
		return data, nil
	}
	defer func() {
		if caught := recover(); caught != nil {
			f.identify(path, node)
			panic(named(caught, f.label+path))
		}
	}()
	data, err := f.tree.Read(path, node)
	if err == nil {
		f.data[path] = data
		f.record.found(path, data, node)
	}
	return data, f.fatal(err)
}

// finish records the files that nobody read, but whose being there was asked for.
func (f *Files) finish() {
	for path, node := range f.seen {
		f.identify(path, node)
	}
}

// identify records a file whose bytes nobody holds.
func (f *Files) identify(path string, node Node) {
	if f.record.has(path) {
		return
	}
	blob, err := f.tree.ID(path, node)
	if err != nil {
		return // it is gone by now: without an id it equals nothing
	}
	f.record.found(path, nil, Node{node.Kind, blob})
}

// fatal ends the render where the snapshot can't be read: kustomize takes a read error for a missing file.
func (f *Files) fatal(err error) error {
	if err == nil {
		return nil
	}
	panic(err)
}

// resolve follows links, as filepath.EvalSymlinks does, and returns the path below the root that is really meant.
func (f *Files) resolve(name string) (string, Node, error) {
	rest, err := f.below(filepath.Clean(name))
	if err != nil {
		return "", Node{}, err
	}
	here, node, links := "", Node{Kind: Folder}, 0
	for len(rest) > 0 {
		word := rest[0]
		rest = rest[1:]
		if word == "" || word == "." {
			continue
		}
		if node.Kind == File {
			f.seen[here] = node
			return "", Node{}, syscall.ENOTDIR
		}
		if word == ".." { // written in a link; it counts only where there is a folder to go up from
			if here == "" {
				return "", Node{}, outside(name)
			}
			f.record.folder(here)
			here, _ = split(here)
			continue
		}
		next := path.Join(here, word)
		if node, err = f.look(next); err != nil {
			return "", Node{}, err
		}
		switch node.Kind {
		case Missing:
			f.record.missing(next)
			return "", Node{}, &fs.PathError{Op: "lstat", Path: path.Join(f.root, next), Err: syscall.ENOENT}
		case Link:
			if links++; links > maxLinks {
				return "", Node{}, errors.New("EvalSymlinks: too many links")
			}
			data, err := f.read(next, node)
			if err != nil {
				return "", Node{}, err
			}
			target := string(data)
			if path.IsAbs(target) {
				return "", Node{}, outside(name)
			}
			rest = append(strings.Split(target, "/"), rest...)
			node = Node{Kind: Folder} // the folder that the link lies in
		default:
			here = next
		}
	}
	if node.Kind == Folder {
		f.record.folder(here)
	} else {
		f.seen[here] = node
	}
	return here, node, nil
}

func (f *Files) below(name string) ([]string, error) {
	if name == f.root {
		return nil, nil
	}
	relative, ok := strings.CutPrefix(name, f.root+"/")
	if !ok {
		return nil, outside(name)
	}
	return strings.Split(relative, "/"), nil
}

func outside(name string) error { return fmt.Errorf("'%s' leads out of the repository", name) }

// CleanedAbs splits a path into a folder that is there and a file in it; the words of its errors are kustomize's.
func (f *Files) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	if clone := f.remote.of(name); clone != nil {
		return clone.CleanedAbs(name)
	}
	place, node, err := f.resolve(name)
	if err != nil {
		return "", "", fmt.Errorf("evalsymlink failure on '%s' : %w", name, err)
	}
	if node.Kind == Folder {
		return filesys.ConfirmedDir(path.Join(f.root, place)), "", nil
	}
	folder, file := split(place)
	return filesys.ConfirmedDir(path.Join(f.root, folder)), file, nil
}

// ReadFile returns a file's bytes, after the guards have looked at them.
func (f *Files) ReadFile(name string) ([]byte, error) {
	if clone := f.remote.of(name); clone != nil {
		return clone.ReadFile(name)
	}
	place, node, err := f.resolve(name)
	if err != nil {
		var missing *fs.PathError
		if errors.As(err, &missing) {
			err = missing.Err
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if node.Kind == Folder {
		return nil, &fs.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	}
	data, err := f.read(place, node)
	if err != nil {
		return nil, err
	}
	guard(f.label+place, f.record.blob(place), data)
	if f.edit != nil {
		data = f.edit(place, data)
	}
	return data, nil
}

// IsDir says whether a folder is there.
func (f *Files) IsDir(name string) bool {
	if clone := f.remote.of(name); clone != nil {
		return clone.IsDir(name)
	}
	_, node, err := f.resolve(name)
	return err == nil && node.Kind == Folder
}

// Exists says whether anything is there.
func (f *Files) Exists(name string) bool {
	if clone := f.remote.of(name); clone != nil {
		return clone.Exists(name)
	}
	_, _, err := f.resolve(name)
	return err == nil
}

// What follows completes the interface; rendering uses none of it.

// Create is refused.
func (*Files) Create(string) (filesys.File, error) { return nil, errReadOnly }

// Mkdir is refused.
func (*Files) Mkdir(string) error { return errReadOnly }

// MkdirAll is refused.
func (*Files) MkdirAll(string) error { return errReadOnly }

// RemoveAll removes the empty folder that kustomize had made for a clone, and does nothing else.
func (f *Files) RemoveAll(name string) error { return f.remote.remove(name) }

// Open is refused.
func (*Files) Open(string) (filesys.File, error) { return nil, errReadOnly }

// ReadDir is refused: what lies in a folder would be an input that nobody records.
func (*Files) ReadDir(string) ([]string, error) { return nil, errReadOnly }

// Glob is refused.
func (*Files) Glob(string) ([]string, error) { return nil, errReadOnly }

// WriteFile is refused.
func (*Files) WriteFile(string, []byte) error { return errReadOnly }

// Walk is refused.
func (*Files) Walk(string, filepath.WalkFunc) error { return errReadOnly }
