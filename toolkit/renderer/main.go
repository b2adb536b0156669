// fairlead-renderer answers, one after another, what kustomize makes of overlays: requests come as JSON lines on
// standard input, answers leave as JSON lines and raw bytes on standard output. It decides nothing and writes
// nothing. fairlead starts one for each core, and kills it where a render takes too long.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

// stamp is set by the linker: it changes with the sources.
var stamp = "unstamped"

// complaints is descriptor 2, whatever os.Stderr becomes: what is written there tells the parent of a crash.
var complaints = os.Stderr

// grace is how long a running render may go on when the parent is gone.
const grace = 10 * time.Second

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		line, _ := json.Marshal(hello())
		fmt.Println(string(line))
		return
	}
	answers := os.Stdout
	if err := prepare(&answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	said, err := newCapture()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := serve(os.Stdin, answers, newRenderer(said)); err != nil {
		fmt.Fprintln(complaints, err)
		os.Exit(1)
	}
}

// prepare takes standard output away from the library, sets limits, and cuts the ways out.
func prepare(answers **os.File) error {
	taken, err := takeOutput()
	if err != nil {
		return err
	}
	*answers = taken
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	debug.SetMemoryLimit(maxMemory * 3 / 4) // before the kernel says no, the collector works harder
	debug.SetMaxStack(256 << 20)
	limitMemory()
	deny()
	return nil
}

func hello() Hello {
	out := Hello{Protocol: protocol, Build: stamp, Go: runtime.Version(), Root: root}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return out
	}
	for _, module := range info.Deps {
		switch module.Path {
		case "sigs.k8s.io/kustomize/api":
			out.API = module.Version
		case "sigs.k8s.io/kustomize/kyaml":
			out.Kyaml = module.Version
		}
	}
	return out
}

// serve answers until the parent closes its end.
func serve(in io.Reader, out io.Writer, renderer *Renderer) error {
	if err := send(out, hello()); err != nil {
		return err
	}
	snapshots := newSnapshots()
	defer snapshots.Close()
	messages := make(chan *Message)
	failed := make(chan error, 1)
	done := make(chan struct{})
	defer close(done)
	go listen(in, messages, failed, done)
	renderer.warm()
	for message := range messages {
		switch {
		case message.Open != "":
			snapshots.Open(message)
		case message.Forget != "":
			snapshots.Forget(message.Forget)
		default:
			answer := reply(snapshots, renderer, message)
			if err := send(out, answer, answer.output, answer.list); err != nil {
				return err
			}
		}
	}
	return <-failed
}

// listen reads ahead, so that the end of the parent is seen while a render runs.
func listen(in io.Reader, messages chan<- *Message, failed chan<- error, done <-chan struct{}) {
	reader := bufio.NewReaderSize(in, 64<<10)
	for {
		message, err := receive(reader)
		if err != nil {
			if err == io.EOF {
				err = nil
				go leave(done)
			}
			failed <- err
			close(messages)
			return
		}
		messages <- message
	}
}

// leave ends a process that nobody waits for any more.
func leave(done <-chan struct{}) {
	select {
	case <-done:
	case <-time.After(grace):
		os.Exit(1)
	}
}

func reply(snapshots *Snapshots, renderer *Renderer, message *Message) *Answer {
	tree, err := snapshots.Get(message.Snapshot)
	if err != nil {
		return &Answer{ID: message.ID, Code: "world", Error: asText(err.Error())}
	}
	if message.Remotes != nil {
		message.Remotes.open = snapshots.Clone
	}
	return renderer.Render(tree, message)
}
