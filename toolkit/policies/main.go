// fairlead-policies judges objects by ValidatingAdmissionPolicies, as Kubernetes' own library does: requests come as
// JSON lines on standard input, answers leave as JSON lines on standard output. It reads no file and asks no server.
// fairlead kills it where a request takes too long.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"k8s.io/klog/v2"
)

// stamp is set by the linker: it changes with the sources.
var stamp = "unstamped"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		line, _ := json.Marshal(hello())
		fmt.Println(string(line))
		return
	}
	answers, err := takeOutput()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	klog.SetOutput(io.Discard) // what matters is in the answers
	klog.LogToStderr(false)
	debug.SetMemoryLimit(maxMemory * 3 / 4) // before the kernel says no, the collector works harder
	limitMemory()
	if err := serve(os.Stdin, answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func hello() Hello {
	out := Hello{Protocol: protocol, Build: stamp, Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return out
	}
	for _, module := range info.Deps {
		switch module.Path {
		case "k8s.io/apiserver":
			out.Apiserver = module.Version
		case "github.com/google/cel-go":
			out.CEL = module.Version
		}
	}
	return out
}

// serve answers until the parent closes its end.
func serve(in io.Reader, out io.Writer) error {
	if err := send(out, hello()); err != nil {
		return err
	}
	reader := bufio.NewReaderSize(in, 64<<10)
	sets := map[string]*Set{}
	for {
		message, err := receive(reader)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := send(out, reply(sets, message)); err != nil {
			return err
		}
	}
}

// reply never panics: one object must not end the judgement of others.
func reply(sets map[string]*Set, message *Message) (answer *Answer) {
	defer func() {
		if caught := recover(); caught != nil {
			answer = &Answer{ID: message.ID, Error: fmt.Sprint(caught)}
		}
	}()
	if message.Documents != nil {
		set, err := newSet(message.Kubernetes, message.Documents)
		if err != nil {
			return &Answer{ID: message.ID, Error: err.Error()}
		}
		sets[message.Set] = set
		return &Answer{ID: message.ID, Problems: set.problems}
	}
	set, ok := sets[message.Set]
	if !ok {
		return &Answer{ID: message.ID, Error: fmt.Sprintf("there is no set %q", message.Set)}
	}
	violations, problems := set.Judge(message.Objects)
	return &Answer{ID: message.ID, Violations: violations, Problems: problems}
}
