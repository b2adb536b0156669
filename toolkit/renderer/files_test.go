package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

func linked(files map[string]string, links map[string]string) Tree {
	edits := map[Path]*Edit{}
	for path, target := range links {
		edits[Path(path)] = &Edit{Mode: modeLink, Data: []byte(target)}
	}
	return newEdited(texts(files), edits)
}

func TestLinksAreFollowedInsideTheRepository(t *testing.T) {
	tree := linked(map[string]string{"a/b/f": "x"}, map[string]string{
		"l": "a/b", "a/up": "../a/b/../b/f", "out": "../x", "abs": "/etc/passwd", "loop": "loop", "a/b/dot": ".",
	})
	files := newFiles(tree, newRecord())
	for name, wanted := range map[string]string{
		"l/f": "a/b f", "a/up": "a/b f", "a/b/dot/f": "a/b f", "l": "a/b ", "a/b/../b": "a/b ", "": " ",
	} {
		folder, file, err := files.CleanedAbs(strings.TrimSuffix(root+"/"+name, "/"))
		got := strings.TrimPrefix(strings.TrimPrefix(string(folder), root), "/") + " " + file
		if err != nil || got != wanted {
			t.Errorf("%s: %q, not %q (%v)", name, got, wanted, err)
		}
	}
	for _, name := range []string{root + "/out", root + "/abs", root + "/loop", "/etc/passwd", root + "/../x", root + "x", "relative"} {
		if _, _, err := files.CleanedAbs(name); err == nil {
			t.Errorf("%s was found", name)
		}
		if _, err := files.ReadFile(name); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func TestErrorsAreThoseOfADisk(t *testing.T) {
	files := newFiles(texts(map[string]string{"a/f": "x"}), newRecord())
	_, _, err := files.CleanedAbs(root + "/a/none/deep")
	if err == nil || err.Error() != fmt.Sprintf("evalsymlink failure on '%[1]s/a/none/deep' : lstat %[1]s/a/none: no such file or directory", root) {
		t.Error(err)
	}
	if _, err := files.ReadFile(root + "/none"); !errors.Is(err, fs.ErrNotExist) || err.Error() != "open "+root+"/none: no such file or directory" {
		t.Error(err)
	}
	if _, err := files.ReadFile(root + "/a"); err == nil || err.Error() != "read "+root+"/a: is a directory" {
		t.Error(err)
	}
	if _, _, err := files.CleanedAbs(root + "/a/f/x"); err == nil || !strings.HasSuffix(err.Error(), "not a directory") {
		t.Error(err)
	}
}

func TestAllThatWasAskedForIsRecorded(t *testing.T) {
	record := newRecord()
	files := newFiles(linked(map[string]string{"a/f": "x"}, map[string]string{"l": "a"}), record)
	if _, err := files.ReadFile(root + "/l/f"); err != nil {
		t.Fatal(err)
	}
	if files.Exists(root+"/n/o") || !files.Exists(root+"/a") || files.IsDir(root+"/a/f") || !files.IsDir(root+"/l") {
		t.Error("what is there was not told")
	}
	got := fmt.Sprint(record.list())
	wanted := fmt.Sprint([]Input{
		{"folder", "a", ""}, {"file", "a/f", blobID([]byte("x"))}, {"link", "l", blobID([]byte("a"))}, {"missing", "n", ""},
	})
	if got != wanted {
		t.Errorf("%s, not %s", got, wanted)
	}
}

func TestASnapshotIsNeverWritten(t *testing.T) {
	files := newFiles(Nothing{}, newRecord())
	_, create := files.Create("x")
	_, open := files.Open("x")
	_, list := files.ReadDir("x")
	_, glob := files.Glob("x")
	for _, err := range []error{create, open, list, glob, files.Mkdir("x"), files.MkdirAll("x"), files.WriteFile("x", nil), files.Walk("x", nil)} {
		if !errors.Is(err, errReadOnly) {
			t.Error(err)
		}
	}
	if files.RemoveAll("x") != nil {
		t.Error("tidying up failed")
	}
}
