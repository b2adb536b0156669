package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// OnDisk is a work tree, or any folder. git's own folder is not part of it: it may hold tokens.
type OnDisk struct{ root string }

// Look asks the disk.
func (t OnDisk) Look(path string) (Node, error) {
	if path == ".git" || strings.HasSuffix(path, "/.git") || strings.ContainsRune(path, 0) {
		return Node{}, nil
	}
	info, err := os.Lstat(filepath.Join(t.root, path))
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ENAMETOOLONG),
		errors.Is(err, syscall.ELOOP):
		return Node{}, nil
	default:
		return Node{}, worldError{fmt.Sprintf("can't read %s: %v", path, reason(err))}
	}
	switch mode := info.Mode(); {
	case mode.IsDir():
		return Node{Kind: Folder}, nil
	case mode.IsRegular():
		if info.Size() > maxFile {
			panic(tooLarge(path, info.Size()))
		}
		return Node{Kind: File}, nil
	case mode&fs.ModeSymlink != 0:
		return Node{Kind: Link}, nil
	default:
		return Node{}, nil
	}
}

// Read returns a file's bytes, or a link's target.
func (t OnDisk) Read(path string, node Node) ([]byte, error) {
	place := filepath.Join(t.root, path)
	if node.Kind == Link {
		target, err := os.Readlink(place)
		if err != nil {
			return nil, worldError{fmt.Sprintf("can't read %s: %v", path, reason(err))}
		}
		return []byte(target), nil
	}
	data, err := os.ReadFile(place)
	if err != nil {
		return nil, worldError{fmt.Sprintf("can't read %s: %v", path, reason(err))}
	}
	return data, nil
}

func reason(err error) error {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}
