package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"

// texts makes a tree that exists in memory alone.
func texts(files map[string]string) Tree {
	edits := map[Path]*Edit{}
	for path, text := range files {
		edits[Path(path)] = &Edit{Mode: 0o100644, Data: []byte(text)}
	}
	return newEdited(Nothing{}, edits)
}

// said is made once: it takes over the process's standard error.
var said = sync.OnceValue(func() *capture {
	made, err := newCapture()
	if err != nil {
		panic(err)
	}
	return made
})

// rendering renders an overlay the way the process does.
func rendering(t *testing.T, tree Tree, request Message) *Answer {
	t.Helper()
	return newRenderer(said()).Render(tree, &request)
}

// repository makes a git repository of files; its git folder and its commit.
func repository(t *testing.T, files map[string]string) (gitDir, commit string) {
	t.Helper()
	program, err := exec.LookPath("git")
	if err != nil {
		program = git.program // an earlier test has emptied PATH
	}
	if program == "" {
		t.Skip("there is no git")
	}
	git.program, git.env = program, append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	folder := t.TempDir()
	for path, text := range files {
		place := filepath.Join(folder, path)
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(place, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, words := range []string{"init -q --template=", "add --all", "-c user.name=n -c user.email=e@localhost commit -qm all"} {
		command := exec.Command(program, strings.Fields(words)...)
		command.Dir, command.Env = folder, git.env
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %s", words, out)
		}
	}
	command := exec.Command(program, "rev-parse", "HEAD")
	command.Dir, command.Env = folder, git.env
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, ".git"), strings.TrimSpace(string(out))
}

// excessOf runs something that should end by an excess, and returns its words.
func excessOf(t *testing.T, run func()) (text string) {
	t.Helper()
	defer func() {
		found, ok := recover().(excess)
		if ok {
			text = found.Error()
		}
	}()
	run()
	return ""
}
