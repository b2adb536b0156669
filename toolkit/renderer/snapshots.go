package main

import "fmt"

// Snapshots are the trees that the parent has opened, by the names it gave them.
type Snapshots struct {
	trees  map[string]Tree
	broken map[string]error
	stores map[string]*Store
	clones map[Clone]Tree
}

func newSnapshots() *Snapshots {
	return &Snapshots{map[string]Tree{}, map[string]error{}, map[string]*Store{}, map[Clone]Tree{}}
}

// Open opens a tree; what is wrong with it is told to whoever asks for an overlay of it.
func (s *Snapshots) Open(message *Message) {
	s.Forget(message.Open)
	tree, err := s.make(message)
	if err != nil {
		s.broken[message.Open] = err
		return
	}
	s.trees[message.Open] = newEdited(tree, message.Edits)
}

func (s *Snapshots) make(message *Message) (Tree, error) {
	switch {
	case message.Folder != "":
		return OnDisk{string(message.Folder)}, nil
	case message.GitDir == "":
		return Nothing{}, nil
	case message.Tree != "":
		return newAtTree(s.store(string(message.GitDir)), message.Tree)
	case message.Entries != nil:
		return newListed(s.store(string(message.GitDir)), message.listing)
	case message.Index:
		store := s.store(string(message.GitDir))
		listing, err := store.Listing()
		if err != nil {
			return nil, err
		}
		return newListed(store, listing)
	default:
		return nil, worldError{"a snapshot of a repository needs a tree, the index or entries"}
	}
}

func (s *Snapshots) store(gitDir string) *Store {
	if s.stores[gitDir] == nil {
		s.stores[gitDir] = newStore(gitDir)
	}
	return s.stores[gitDir]
}

// Clone opens a remote base's commit, once.
func (s *Snapshots) Clone(clone Clone) (Tree, error) {
	if known := s.clones[clone]; known != nil {
		return known, nil
	}
	tree, err := newAtTree(s.store(string(clone.GitDir)), clone.Commit)
	if err != nil {
		return nil, err
	}
	s.clones[clone] = tree
	return tree, nil
}

// Forget lets go of a tree.
func (s *Snapshots) Forget(name string) {
	delete(s.trees, name)
	delete(s.broken, name)
}

// Get returns an open tree.
func (s *Snapshots) Get(name string) (Tree, error) {
	if err := s.broken[name]; err != nil {
		return nil, err
	}
	if tree := s.trees[name]; tree != nil {
		return tree, nil
	}
	return nil, worldError{fmt.Sprintf("no snapshot is open as %q", name)}
}

// Close ends the processes behind them.
func (s *Snapshots) Close() {
	for _, store := range s.stores {
		store.Close()
	}
}
