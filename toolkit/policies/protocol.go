package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	kjson "k8s.io/apimachinery/pkg/util/json"
)

// protocol is raised with every change that an older parent would misread.
const protocol = 1

const maxLine = 64 << 20

// Hello is the first line that is written.
type Hello struct {
	Protocol  int    `json:"protocol"`
	Build     string `json:"build"`
	Apiserver string `json:"apiserver"`
	CEL       string `json:"cel"`
	Go        string `json:"go"`
}

// Object is a Kubernetes object; whole numbers are int64, as in a server.
type Object map[string]any

// UnmarshalJSON reads numbers as Kubernetes does.
func (o *Object) UnmarshalJSON(data []byte) error {
	var read map[string]any
	if err := kjson.Unmarshal(data, &read); err != nil {
		return err
	}
	*o = read
	return nil
}

// Message is one line from the parent: `documents` make a set of policies under a name, for a version of Kubernetes;
// `objects` are to be judged together by one, as they would be applied.
type Message struct {
	ID         int      `json:"id"`
	Set        string   `json:"set"`
	Kubernetes string   `json:"kubernetes"`
	Documents  []Object `json:"documents"`
	Objects    []Object `json:"objects"`
}

// Problem is a fault of a policy or a binding, or what can't be told of it: `field` leads to it, and where that is an
// expression, `line` and `column` count from 1 in it. A note is no fault.
type Problem struct {
	Document int    `json:"document"`
	Field    []any  `json:"field"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Message  string `json:"message"`
	Remedy   string `json:"remedy,omitempty"`
	Note     bool   `json:"note,omitempty"`
}

// Violation is an object that a policy refuses. `error` says why an expression could not be evaluated; `ignored`
// where Kubernetes would let that pass. `fields` are the parts of the object that the expression looks at, the most
// telling first.
type Violation struct {
	Object  int      `json:"object"`
	Policy  int      `json:"policy"`
	Field   []any    `json:"field"`
	Message string   `json:"message"`
	Reason  string   `json:"reason,omitempty"`
	Error   string   `json:"error,omitempty"`
	Ignored bool     `json:"ignored,omitempty"`
	Costly  bool     `json:"costly,omitempty"`
	Actions []string `json:"actions"`
	Fields  [][]any  `json:"fields,omitempty"`
}

// Answer is one line to the parent. `error` is set where the request made no sense.
type Answer struct {
	ID         int         `json:"id"`
	Error      string      `json:"error,omitempty"`
	Problems   []Problem   `json:"problems,omitempty"`
	Violations []Violation `json:"violations,omitempty"`
}

// receive reads one message; io.EOF where the parent is done.
func receive(from *bufio.Reader) (*Message, error) {
	var line []byte
	for {
		part, err := from.ReadSlice('\n')
		line = append(line, part...)
		if err == nil {
			break
		}
		if err != bufio.ErrBufferFull {
			return nil, io.EOF // half a line is no message: the parent was killed
		}
		if len(line) > maxLine {
			return nil, fmt.Errorf("a message of more than %d bytes", maxLine)
		}
	}
	message := &Message{}
	if err := json.Unmarshal(line, message); err != nil {
		return nil, fmt.Errorf("not a message: %w", err)
	}
	return message, nil
}

// send writes one value as a line.
func send(to io.Writer, value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = to.Write(append(line, '\n'))
	return err
}
