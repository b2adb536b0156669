package main

import (
	"crypto/sha1" //nolint:gosec // git's blob ids
	"encoding/hex"
	"fmt"
	"hash"
)

// Kind is what a name leads to.
type Kind int

// The kinds. Devices, pipes and submodules are Missing.
const (
	Missing Kind = iota
	File
	Link
	Folder
)

// Node is what a tree has under a name; blob is empty where only reading tells it.
type Node struct {
	Kind Kind
	Blob string
}

// Tree is one snapshot's files. Paths are relative, with `/`, without `..`; "" is the root. No link is followed:
// whoever asks has resolved what stands above the path.
type Tree interface {
	Look(path string) (Node, error)
	Read(path string, node Node) ([]byte, error)
	// ID is a file's blob id, however large the file is.
	ID(path string, node Node) (string, error)
	// List names what lies in a folder.
	List(path string) ([]string, error)
}

// worldError says that the snapshot itself can't be read: the disk, or an object that the clone lacks.
type worldError struct{ text string }

func (e worldError) Error() string { return e.text }

// Nothing is a tree without files: what exists in memory alone stands on it.
type Nothing struct{}

// Look finds the root only.
func (Nothing) Look(path string) (Node, error) {
	if path == "" {
		return Node{Kind: Folder}, nil
	}
	return Node{}, nil
}

// Read is never asked.
func (Nothing) Read(path string, _ Node) ([]byte, error) {
	return nil, worldError{fmt.Sprintf("there is no file %s", path)}
}

// ID is never asked.
func (Nothing) ID(path string, _ Node) (string, error) {
	return "", worldError{fmt.Sprintf("there is no file %s", path)}
}

// List finds nothing.
func (Nothing) List(string) ([]string, error) { return nil, nil }

// blobID is git's id of a blob (SHA-1 object format).
func blobID(data []byte) string {
	hash := blobHash(int64(len(data)))
	hash.Write(data)
	return hex.EncodeToString(hash.Sum(nil))
}

func blobHash(size int64) hash.Hash {
	hash := sha1.New() //nolint:gosec // git's blob ids
	fmt.Fprintf(hash, "blob %d\x00", size)
	return hash
}
