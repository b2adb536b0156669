package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

// protocol is raised with every change that an older parent would misread.
const protocol = 3

// Path is a file's name. Names are bytes, not text: in JSON each byte is one character, U+0000 to U+00FF,
// so that a name that is not UTF-8 passes whole.
type Path string

// MarshalJSON writes the bytes as characters.
func (p Path) MarshalJSON() ([]byte, error) {
	runes := make([]rune, len(p))
	for i := range len(p) {
		runes[i] = rune(p[i])
	}
	return json.Marshal(string(runes))
}

// UnmarshalJSON reads characters as bytes.
func (p *Path) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	decoded, err := pathOf(text)
	*p = decoded
	return err
}

// UnmarshalText does the same for the keys of objects.
func (p *Path) UnmarshalText(data []byte) error {
	decoded, err := pathOf(string(data))
	*p = decoded
	return err
}

func pathOf(text string) (Path, error) {
	raw := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xFF {
			return "", fmt.Errorf("a path holds %q; each of its bytes must be one character", r)
		}
		raw = append(raw, byte(r))
	}
	return Path(raw), nil
}

// Hello is the first line that a worker writes.
type Hello struct {
	Protocol int    `json:"protocol"`
	Build    string `json:"build"`
	API      string `json:"api"`
	Kyaml    string `json:"kyaml"`
	Go       string `json:"go"`
	Root     string `json:"root"`
}

// Edit is a file in memory, on top of a snapshot; data travels as base64.
type Edit struct {
	Mode uint32 `json:"mode"`
	Data []byte `json:"data"`
}

// Message is one line from the parent. It opens a snapshot under a name (`open`: a folder, a commit or tree of
// git_dir, its index, or `entries` raw bytes in the form of `git ls-files -s -z`, which follow the line), forgets
// one, or asks for an overlay of one.
type Message struct {
	Open    string         `json:"open"`
	Folder  Path           `json:"folder"`
	GitDir  Path           `json:"git_dir"`
	Tree    string         `json:"tree"`
	Index   bool           `json:"index"`
	Entries *int           `json:"entries"`
	Edits   map[Path]*Edit `json:"edits"`

	Forget string `json:"forget"`

	ID           int      `json:"id"`
	Snapshot     string   `json:"snapshot"`
	Overlay      Path     `json:"overlay"`
	Unrestricted bool     `json:"unrestricted"`
	Origin       bool     `json:"origin"`
	Remotes      *Remotes `json:"remotes"`

	listing []byte
}

// Place is where something stands; line and column are 1-based, 0 where only the file is known.
type Place struct {
	Path   Path `json:"path"`
	Line   int  `json:"line"`
	Column int  `json:"column"`
}

// Input is something that the result depends on: a file or a link with its blob id, a folder that is there,
// a path that is missing, or a remote base (its repository and ref) with the commit that it stands for.
type Input struct {
	Kind string `json:"kind"`
	Path Path   `json:"path"`
	Blob string `json:"blob,omitempty"`
}

// Answer is one line to the parent; `size` raw bytes of YAML follow it, and `objects` bytes of the same as a JSON list.
type Answer struct {
	ID       int      `json:"id"`
	OK       bool     `json:"ok"`
	Code     string   `json:"code,omitempty"`
	Error    string   `json:"error,omitempty"`
	At       *Place   `json:"at,omitempty"`
	Ref      string   `json:"ref,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	Inputs   []Input  `json:"inputs,omitempty"`
	Size     int      `json:"size"`
	Objects  int      `json:"objects"`

	output, list []byte
}

const maxListing = 256 << 20

// receive reads one message and the bytes that follow it; io.EOF where the parent is done.
func receive(from *bufio.Reader) (*Message, error) {
	line, err := from.ReadBytes('\n')
	if err != nil {
		return nil, io.EOF // half a line is no message: the parent was killed
	}
	message := &Message{}
	if err := json.Unmarshal(line, message); err != nil {
		return nil, fmt.Errorf("not a message: %w", err)
	}
	if message.Entries != nil {
		if *message.Entries < 0 || *message.Entries > maxListing {
			return nil, fmt.Errorf("a listing of %d bytes", *message.Entries)
		}
		message.listing = make([]byte, *message.Entries)
		if _, err := io.ReadFull(from, message.listing); err != nil {
			return nil, io.EOF
		}
	}
	return message, nil
}

// send writes one value as a line, and bytes after it.
func send(to io.Writer, value any, raw ...[]byte) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := to.Write(append(line, '\n')); err != nil {
		return err
	}
	for _, part := range raw {
		if _, err := to.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// asText makes any bytes valid UTF-8, as JSON wants it.
func asText(raw string) string {
	if utf8.ValidString(raw) {
		return raw
	}
	return string([]rune(raw))
}
