package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/resource"
)

// handing makes the folder of a Remotes whose git hands over the first clone, whatever is asked for.
func handing(t *testing.T, clones ...Clone) *Remotes {
	t.Helper()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"bin", "clones"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script := "#!/bin/sh\n[ \"$1\" = fetch ] || exit 0\nprintf 0 > fairlead-remote\n"
	if err := os.WriteFile(filepath.Join(folder, "bin", "git"), []byte(script), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	return &Remotes{Folder: Path(folder), Clones: clones, open: newSnapshots().Clone}
}

func TestARemoteBaseIsReadFromItsCommitAndRecorded(t *testing.T) {
	gitDir, commit := repository(t, map[string]string{
		"deploy/kustomization.yaml": "resources: [../base]\n", "base/kustomization.yaml": "resources: [s.yaml]\n", "base/s.yaml": service,
	})
	deny()
	clone := Clone{"https://example.com/o/r?ref=v1", Path(gitDir), commit}
	remotes := handing(t, clone)
	for _, url := range []string{"https://example.com/o/r/deploy?ref=v1", "git::https://example.com/o/r//deploy?ref=v1&timeout=9s"} {
		tree := texts(map[string]string{"dev/kustomization.yaml": "resources: ['" + url + "']\nnamespace: dev\n"})
		answer := rendering(t, tree, Message{Overlay: "dev", Remotes: remotes})
		if !answer.OK || string(answer.output) != service+"  namespace: dev\n" {
			t.Fatal(answer, string(answer.output))
		}
		var found []Input
		for _, input := range answer.Inputs {
			if input.Kind == "remote" {
				found = append(found, input)
			}
		}
		if len(found) != 1 || found[0] != (Input{"remote", Path(clone.Name), commit}) {
			t.Error(found)
		}
	}
	left, err := os.ReadDir(remotes.clones())
	if err != nil || len(left) != 0 {
		t.Error("a folder for a clone was left:", left, err)
	}
	if os.Getenv("PATH") != "" || os.Getenv("TMPDIR") != "" {
		t.Error("a later render would find it")
	}
}

func TestARemoteBaseKeepsToItsRepository(t *testing.T) {
	gitDir, commit := repository(t, map[string]string{
		"up/kustomization.yaml": "resources: [../../dev]\n", "file/kustomization.yaml": "resources: [../s.yaml]\n", "s.yaml": service,
		"own/kustomization.yaml": "resources: ['https://example.com/o/r//own?ref=v1']\n",
		"abs/kustomization.yaml": "resources: [/fairlead-repository/dev/s.yaml]\n",
	})
	deny()
	remotes := handing(t, Clone{"r", Path(gitDir), commit})
	for folder, told := range map[string]string{
		"up": "leads out of the repository", "file": "security; file", "own": "cycle detected", "abs": "not in or below",
	} {
		tree := texts(map[string]string{"dev/kustomization.yaml": "resources: ['https://example.com/o/r//" + folder + "?ref=v1']\n", "dev/s.yaml": service})
		answer := rendering(t, tree, Message{Overlay: "dev", Remotes: remotes, Unrestricted: true})
		if answer.OK || answer.Code != "build" || !strings.Contains(answer.Error, told) {
			t.Errorf("%s: %+v", folder, answer)
		}
	}
}

func TestACloneThatTheRequestDoesNotKnowIsRemote(t *testing.T) {
	deny()
	tree := texts(map[string]string{"dev/kustomization.yaml": "components: ['https://example.com/o/r?ref=v1']\n"})
	if answer := rendering(t, tree, Message{Overlay: "dev", Remotes: handing(t)}); answer.OK || answer.Code != "remote" {
		t.Error(answer)
	}
}

// TestURLsAreReadAsTheTableSays: fairlead's own reader is held to the same table.
func TestURLsAreReadAsTheTableSays(t *testing.T) {
	data, err := os.ReadFile("../../tests/fixtures/remote-bases.json")
	if err != nil {
		t.Skip("the table is not part of this copy of the sources")
	}
	var rows []struct {
		URL        string  `json:"url"`
		Repository *string `json:"repository"`
		Ref        string  `json:"ref"`
		Path       string  `json:"path"`
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	defer said().take() // kustomize warns of `git::`
	for _, row := range rows {
		found := (&resource.Origin{}).Append(row.URL)
		if found.Repo == "" {
			if row.Repository != nil {
				t.Errorf("%s is no repository", row.URL)
			}
			continue
		}
		if found.Path == "notCloned" { // kustomize's word for the repository's own folder
			found.Path = ""
		}
		if row.Repository == nil || found.Repo != *row.Repository || found.Ref != row.Ref || found.Path != row.Path {
			t.Errorf("%s is %+v", row.URL, found)
		}
	}
}
