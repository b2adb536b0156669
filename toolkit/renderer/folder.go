package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// maxHashed bounds what is read of a file that is too large to be rendered, only to know it again.
const maxHashed = 1 << 30

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
		return Node{}, unreadable(path, err)
	}
	switch mode := info.Mode(); {
	case mode.IsDir():
		return Node{Kind: Folder}, nil
	case mode.IsRegular():
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
			return nil, unreadable(path, err)
		}
		return []byte(target), nil
	}
	file, size, err := open(place, path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if size > maxFile {
		panic(tooLarge(path, size))
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1)) // it may grow meanwhile
	if err != nil {
		return nil, unreadable(path, err)
	}
	if len(data) > maxFile {
		panic(tooLarge(path, int64(len(data))))
	}
	return data, nil
}

// ID reads a file piece by piece.
func (t OnDisk) ID(path string, node Node) (string, error) {
	if node.Kind == Link {
		data, err := t.Read(path, node)
		return blobID(data), err
	}
	file, size, err := open(filepath.Join(t.root, path), path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if size > maxHashed {
		return "", unreadable(path, syscall.EFBIG)
	}
	hash := blobHash(size)
	if _, err := io.CopyN(hash, file, size); err != nil {
		return "", unreadable(path, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// List asks the disk.
func (t OnDisk) List(path string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(t.root, path))
	if err != nil {
		return nil, unreadable(path, err)
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, nil
}

// open opens a plain file; a pipe or a link that took its place since it was looked at is not followed.
func open(place, path string) (*os.File, int64, error) {
	file, err := os.OpenFile(place, os.O_RDONLY|openPlain, 0)
	if err != nil {
		return nil, 0, unreadable(path, err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no file any more")
	}
	if err != nil {
		file.Close()
		return nil, 0, unreadable(path, err)
	}
	return file, info.Size(), nil
}

func unreadable(path string, err error) worldError {
	return worldError{fmt.Sprintf("can't read %s: %v", path, reason(err))}
}

func reason(err error) error {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}
