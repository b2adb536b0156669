package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
)

// current is the record of the render that runs: there is only ever one.
var current *Record

type refusing struct{}

func (refusing) RoundTrip(request *http.Request) (*http.Response, error) {
	if current != nil {
		current.refused = request.URL.String()
	}
	return nil, fmt.Errorf("fetching %s is denied", request.URL)
}

// deny keeps kustomize's library from reaching anything: it fetches by http, and by git, which it looks for on
// PATH; helm and plugins are off by its options, and would not be found either. Environment variables must not
// end up in an overlay (an `envs` file may name them).
func deny() {
	if program, err := exec.LookPath("git"); err == nil {
		git.program = program
		git.env = os.Environ()
	}
	os.Clearenv()
	_ = os.Setenv("PATH", "")
	http.DefaultTransport = refusing{}
}
