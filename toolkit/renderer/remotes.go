package main

import (
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// Clone is a remote base's repository at a commit, as the parent has fetched it. Name is the same for each way to
// write its URL.
type Clone struct {
	Name   string `json:"name"`
	GitDir Path   `json:"git_dir"`
	Commit string `json:"commit"`
}

// Remotes are the remote bases that a render may use. kustomize finds in Folder what stands in for git (bin/git): it
// hands over no files, but writes which of the clones was asked for. So kustomize reads URLs, looks for cycles and
// fences each clone in by its own rules, and the files come from blobs, as all others do.
type Remotes struct {
	Folder Path    `json:"folder"`
	Clones []Clone `json:"clones"`

	open func(clone Clone) (Tree, error)
}

// handedOver is the file that what stands in for git writes into the folder that kustomize made for a clone.
const handedOver = "fairlead-remote"

// notFetched is what it says where it doesn't know a repository.
const notFetched = "fairlead has not fetched"

// allow lets kustomize find it, until the returned function is called.
func (r *Remotes) allow() func() {
	if r == nil {
		return func() {}
	}
	_ = os.Setenv("PATH", path.Join(string(r.Folder), "bin"))
	_ = os.Setenv("TMPDIR", r.clones())
	return func() {
		_ = os.Setenv("PATH", "")
		_ = os.Unsetenv("TMPDIR")
	}
}

func (r *Remotes) clones() string { return path.Join(string(r.Folder), "clones") }

// mounts are the clones of one render, by the folders that kustomize believes them to lie in.
type mounts struct {
	*Remotes
	record *Record
	files  map[string]*Files
}

func newMounts(remotes *Remotes, record *Record) *mounts {
	if remotes == nil {
		return nil
	}
	return &mounts{remotes, record, map[string]*Files{}}
}

// of returns the files of the clone that a path lies in; nil where it lies in none.
func (m *mounts) of(name string) *Files {
	if m == nil {
		return nil
	}
	folder := m.folder(name)
	if folder == "" {
		return nil
	}
	if known := m.files[folder]; known != nil {
		return known
	}
	said, err := os.ReadFile(path.Join(folder, handedOver))
	number, wrong := strconv.Atoi(string(said))
	if err != nil || wrong != nil || number < 0 {
		return nil
	}
	if number >= len(m.Clones) {
		m.record.refused = string(said) // fetched since the request was sent: it is asked again
		return nil
	}
	clone := m.Clones[number]
	tree, err := m.open(clone)
	if err != nil {
		panic(err)
	}
	m.record.clone(clone)
	files := newFiles(tree, newRecord()) // the commit stands for all that is read of it
	files.root, files.label = folder, clone.Name+": "
	m.files[folder] = files
	return files
}

func (m *mounts) folder(name string) string {
	relative, ok := strings.CutPrefix(filepath.Clean(name), m.clones()+"/")
	if !ok {
		return ""
	}
	first, _, _ := strings.Cut(relative, "/")
	return path.Join(m.clones(), first)
}

// remove takes away what kustomize had made for a clone, and nothing else.
func (m *mounts) remove(name string) error {
	if m == nil || m.folder(name) != name {
		return nil
	}
	return os.RemoveAll(name)
}

// clone records that a result depends on a commit; that its URL was asked for as a file before has come to nothing.
func (r *Record) clone(clone Clone) {
	r.refused, r.lastMissing = "", ""
	r.inputs[clone.Name] = Input{"remote", Path(clone.Name), clone.Commit}
}
