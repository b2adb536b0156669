package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func look(t *testing.T, tree Tree, path string) Node {
	t.Helper()
	node, err := tree.Look(path)
	if err != nil {
		t.Fatal(err)
	}
	return node
}

func TestAFolderOnDisk(t *testing.T) {
	root := t.TempDir()
	for _, folder := range []string{".git", "a"} {
		if err := os.Mkdir(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{".git/config", "a/f"} {
		if err := os.WriteFile(filepath.Join(root, file), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("a/f", filepath.Join(root, "l")); err != nil {
		t.Fatal(err)
	}
	if err := makePipe(filepath.Join(root, "pipe")); err != nil {
		t.Fatal(err)
	}
	tree := OnDisk{root}
	wanted := map[string]Kind{
		"": Folder, "a": Folder, "a/f": File, "l": Link, "none": Missing, "a/f/x": Missing,
		"pipe": Missing, ".git": Missing, "a\x00b": Missing,
	}
	for path, kind := range wanted {
		if got := look(t, tree, path).Kind; got != kind {
			t.Errorf("%q is %v, not %v", path, got, kind)
		}
	}
	if target, err := tree.Read("l", Node{Kind: Link}); err != nil || string(target) != "a/f" {
		t.Error(string(target), err)
	}
}

func TestALargeFileIsNotRead(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "f"), make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	tree := OnDisk{root}
	read := func() { _, _ = tree.Read("f", look(t, tree, "f")) }
	if text := excessOf(t, read); text != "f has 4194305 bytes; more than 4194304 are not read as YAML" {
		t.Error(text)
	}
}

func TestALargeFileHasAnIDAllTheSame(t *testing.T) {
	root := t.TempDir()
	data := make([]byte, maxFile+1)
	if err := os.WriteFile(filepath.Join(root, "f"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if id, err := (OnDisk{root}).ID("f", Node{Kind: File}); err != nil || id != blobID(data) {
		t.Error(id, err)
	}
}

func TestAFolderWithoutFilesIsNone(t *testing.T) {
	files := map[string]string{"a/b/f": "x", "a/b/g": "x", "a/c": "x"}
	gitDir, commit := repository(t, files)
	snapshots := newSnapshots()
	defer snapshots.Close()
	edits := map[Path]*Edit{"a/b/f": nil, "a/b/g": nil}
	snapshots.Open(&Message{Open: "commit", GitDir: Path(gitDir), Tree: commit, Edits: edits})
	snapshots.Open(&Message{Open: "index", GitDir: Path(gitDir), Index: true, Edits: edits})
	snapshots.Open(&Message{Open: "folder", Folder: Path(filepath.Dir(gitDir)), Edits: edits})
	for _, name := range []string{"commit", "index", "folder"} {
		tree, err := snapshots.Get(name)
		if err != nil {
			t.Fatal(name, err)
		}
		for path, kind := range map[string]Kind{"a": Folder, "a/b": Missing, "a/c": File} {
			if got := look(t, tree, path).Kind; got != kind {
				t.Errorf("%s: %q is %v, not %v", name, path, got, kind)
			}
		}
		more := newEdited(tree, map[Path]*Edit{"a/c": nil})
		if got := look(t, more, "a").Kind; got != Missing {
			t.Errorf("%s: %v is left", name, got)
		}
	}
}

func TestACommitsFiles(t *testing.T) {
	gitDir, commit := repository(t, map[string]string{"a/b/f": "text", "g": "other"})
	snapshots := newSnapshots()
	defer snapshots.Close()
	snapshots.Open(&Message{Open: "commit", GitDir: Path(gitDir), Tree: commit})
	snapshots.Open(&Message{Open: "index", GitDir: Path(gitDir), Index: true})
	size := 0
	listing := fmt.Appendf(nil, "100644 %s 0\ta/b/f\x00160000 %s 0\tsub\x00100644 %s 3\ttheirs\x00", blobID([]byte("text")), commit, commit)
	snapshots.Open(&Message{Open: "entries", GitDir: Path(gitDir), Entries: &size, listing: listing})
	for _, name := range []string{"commit", "index", "entries"} {
		tree, err := snapshots.Get(name)
		if err != nil {
			t.Fatal(name, err)
		}
		node := look(t, tree, "a/b/f")
		if node.Kind != File || node.Blob != blobID([]byte("text")) {
			t.Error(name, node)
		}
		data, err := tree.Read("a/b/f", node)
		if err != nil || string(data) != "text" {
			t.Error(name, string(data), err)
		}
		for path, kind := range map[string]Kind{"": Folder, "a": Folder, "a/b": Folder, "a/x": Missing, "x/y": Missing, "sub": Missing, "theirs": Missing} {
			if got := look(t, tree, path).Kind; got != kind {
				t.Errorf("%s: %q is %v, not %v", name, path, got, kind)
			}
		}
	}
}

func TestWhatTheCloneLacksIsToldAsSuch(t *testing.T) {
	gitDir, commit := repository(t, map[string]string{"f": "text"})
	store := newStore(gitDir)
	defer store.Close()
	if _, err := store.Object("1234567890123456789012345678901234567890", "blob"); err == nil ||
		err.Error() != "this clone lacks the object 1234567890123456789012345678901234567890" {
		t.Error(err)
	}
	if _, err := store.Object(commit, "commit"); err != nil {
		t.Error("the store is of no more use:", err)
	}
}

func TestSnapshotsThatCanNotBe(t *testing.T) {
	snapshots := newSnapshots()
	defer snapshots.Close()
	snapshots.Open(&Message{Open: "a", GitDir: "/nowhere", Tree: "--upload-pack=x"})
	snapshots.Open(&Message{Open: "b", GitDir: "/nowhere"})
	for _, name := range []string{"a", "b", "never opened"} {
		if _, err := snapshots.Get(name); err == nil {
			t.Errorf("%s was opened", name)
		}
	}
	snapshots.Open(&Message{Open: "a"})
	snapshots.Forget("a")
	if _, err := snapshots.Get("a"); err == nil {
		t.Error("a is not forgotten")
	}
}

func TestDamagedObjectsAreErrors(t *testing.T) {
	for _, data := range []string{"100644", "100644 f\x00short", "x f\x0012345678901234567890"} {
		if _, err := parseTree([]byte(data), 20); err == nil {
			t.Errorf("%q was taken", data)
		}
	}
	if _, err := newListed(nil, []byte("100644 x 0\tf")); err == nil {
		t.Error("a listing without ids was taken")
	}
}

func TestEditsStandOnATree(t *testing.T) {
	tree := newEdited(texts(map[string]string{"a/f": "old", "b/g": "kept", "c": "file"}), map[Path]*Edit{
		"a/f": nil, "n/e/w": {Mode: 0o100644, Data: []byte("\xff")}, "l": {Mode: modeLink, Data: []byte("b")},
		"b": {Mode: 0o100644}, "c/d": {Mode: 0o100644},
	})
	for path, kind := range map[string]Kind{"a/f": Missing, "n": Folder, "n/e": Folder, "n/e/w": File, "l": Link, "b": File, "b/g": Missing, "c": Folder} {
		if got := look(t, tree, path).Kind; got != kind {
			t.Errorf("%q is %v, not %v", path, got, kind)
		}
	}
	if data, err := tree.Read("n/e/w", Node{Kind: File}); err != nil || string(data) != "\xff" {
		t.Error(data, err)
	}
}
