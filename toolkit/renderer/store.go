package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// maxKept bounds the bytes of blobs that are kept: overlays share their bases.
const maxKept = 64 << 20

// Nothing from the repository's configuration is started by git.
var hardened = []string{
	"-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0",
	"-c", "maintenance.auto=false", "-c", "protocol.ext.allow=never",
}

// git is the program and its environment, as they were before PATH was emptied; empty where there is none.
var git struct {
	program string
	env     []string
}

// Store reads one repository's objects through one `git cat-file --batch`.
type Store struct {
	gitDir  string
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	kept    map[string][]byte
	size    int
}

func newStore(gitDir string) *Store { return &Store{gitDir: gitDir, kept: map[string][]byte{}} }

func (s *Store) command(arguments ...string) (*exec.Cmd, error) {
	if git.program == "" {
		return nil, worldError{"git is missing"}
	}
	argv := append([]string{"--git-dir=" + s.gitDir}, hardened...)
	command := exec.Command(git.program, append(argv, arguments...)...) //nolint:gosec // git's path was looked up at start
	command.Env = git.env
	command.Dir = s.gitDir
	return command, nil
}

// Listing is the index as it stands.
func (s *Store) Listing() ([]byte, error) {
	command, err := s.command("ls-files", "-s", "-z")
	if err != nil {
		return nil, err
	}
	listing, err := command.Output()
	if err != nil {
		return nil, worldError{fmt.Sprintf("git ls-files failed: %v", err)}
	}
	return listing, nil
}

func (s *Store) start() error {
	command, err := s.command("cat-file", "--batch")
	if err != nil {
		return err
	}
	in, err := command.StdinPipe()
	if err != nil {
		return worldError{err.Error()}
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return worldError{err.Error()}
	}
	command.Stderr = complaints
	if err := command.Start(); err != nil {
		return worldError{fmt.Sprintf("can't start git: %v", err)}
	}
	s.process, s.in, s.out = command, in, bufio.NewReaderSize(out, 64<<10)
	return nil
}

// Close ends the process.
func (s *Store) Close() {
	if s.process != nil {
		_ = s.in.Close()
		_ = s.process.Wait()
		s.process = nil
	}
}

// Object returns an object's bytes; it must be of the wanted type.
func (s *Store) Object(id, wanted string) ([]byte, error) {
	if data, ok := s.kept[id]; ok {
		return data, nil
	}
	if s.process == nil {
		if err := s.start(); err != nil {
			return nil, err
		}
	}
	data, err := s.fetch(id, wanted)
	if err != nil {
		s.Close() // what is left in the pipe is of no use
		return nil, err
	}
	if wanted == "blob" {
		if s.size += len(data); s.size > maxKept {
			s.kept, s.size = map[string][]byte{}, len(data)
		}
		s.kept[id] = data
	}
	return data, nil
}

func (s *Store) fetch(id, wanted string) ([]byte, error) {
	if _, err := io.WriteString(s.in, id+"\n"); err != nil {
		return nil, worldError{fmt.Sprintf("git ended: %v", err)}
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		return nil, worldError{fmt.Sprintf("git ended: %v", err)}
	}
	words := strings.Fields(line)
	if len(words) != 3 || words[1] != wanted {
		return nil, worldError{"this clone lacks the object " + strings.TrimSuffix(id, "^{tree}")}
	}
	size, err := strconv.Atoi(words[2])
	if err != nil {
		return nil, worldError{"git answered " + strings.TrimSpace(line)}
	}
	if wanted == "blob" && size > maxFile {
		panic(tooLarge("", int64(size)))
	}
	var data bytes.Buffer
	data.Grow(size + 1)
	if _, err := io.CopyN(&data, s.out, int64(size)+1); err != nil {
		return nil, worldError{fmt.Sprintf("git ended: %v", err)}
	}
	return data.Bytes()[:size], nil
}
