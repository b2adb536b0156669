package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

func TestAPathThatIsNotUTF8PassesWhole(t *testing.T) {
	for _, path := range []Path{"a/b", "caf\xc3\xa9", "\xff\x00\x80"} {
		line, err := json.Marshal(path)
		if err != nil {
			t.Fatal(err)
		}
		var back Path
		if err := json.Unmarshal(line, &back); err != nil || back != path {
			t.Errorf("%q became %q by %s (%v)", path, back, line, err)
		}
	}
}

func TestACharacterThatIsNoByteIsRefused(t *testing.T) {
	var path Path
	if err := json.Unmarshal([]byte(`"€"`), &path); err == nil {
		t.Error("it was taken")
	}
}

func TestAMessageBringsTheBytesThatFollowIt(t *testing.T) {
	in := bufio.NewReader(strings.NewReader(`{"open":"a","git_dir":"/g","entries":3}` + "\nabc" + `{"id":1,"edits":{"x":null}}` + "\n"))
	first, err := receive(in)
	if err != nil || string(first.listing) != "abc" {
		t.Fatal(first, err)
	}
	second, err := receive(in)
	if err != nil || second.ID != 1 {
		t.Fatal(second, err)
	}
	if edit, ok := second.Edits["x"]; !ok || edit != nil {
		t.Error("a removed file was lost")
	}
}

func TestHalfAMessageIsTheEnd(t *testing.T) {
	for _, text := range []string{"", `{"id":1`, `{"open":"a","entries":9}` + "\nab"} {
		if _, err := receive(bufio.NewReader(strings.NewReader(text))); err != io.EOF {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestWhatIsNoMessageIsAnError(t *testing.T) {
	for _, text := range []string{"x\n", `{"open":"a","entries":-1}` + "\n", `{"edits":{"€":null}}` + "\n"} {
		if _, err := receive(bufio.NewReader(strings.NewReader(text))); err == nil || err == io.EOF {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestRawBytesFollowAnAnswer(t *testing.T) {
	var out bytes.Buffer
	if err := send(&out, &Answer{ID: 7, OK: true, Size: 2, Objects: 1}, []byte("ab"), []byte("c")); err != nil {
		t.Fatal(err)
	}
	if out.String() != `{"id":7,"ok":true,"size":2,"objects":1}`+"\nabc" {
		t.Error(out.String())
	}
}

func TestTextIsMadeValid(t *testing.T) {
	if asText("a\xffb") != "a\ufffdb" {
		t.Error(asText("a\xffb"))
	}
}
