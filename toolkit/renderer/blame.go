package main

import (
	"bytes"
	"net/url"
	"path"
	"regexp"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

var looksRemote = regexp.MustCompile(`^(?:[a-z+]+://|git@|git::|[^/@\s]+@[^/\s]+:|(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org)[/:])|\?(?:.*&)?(?:ref|version|timeout|submodules)=`)

// classify names the kind of a failure, and what asked for it: the place and the words that stand there.
func classify(text string, record *Record) (code string, at *Place, reference string) {
	switch {
	case strings.Contains(text, "cycle detected: URI"): // it was fetched, and asks for itself
		return "build", nil, ""
	case record.refused != "" || strings.Contains(text, "no 'git' program on path") || strings.Contains(text, notFetched):
		at, reference = record.remote()
		return "remote", at, reference
	case strings.Contains(text, "--enable-helm"):
		at, reference = record.find(func(key, _, _ string) bool {
			return key == "helmCharts" || key == "helmChartInflationGenerator"
		})
		return "helm", at, reference
	case strings.Contains(text, "external plugins disabled"):
		at, reference = record.find(func(key, _, _ string) bool {
			return key == "generators" || key == "transformers" || key == "validators"
		})
		return "plugin", at, reference
	default:
		return "build", nil, ""
	}
}

// remote finds the entry that was to be fetched: the URL that was refused, else the path that was tried before
// git was, else what looks like one.
func (r *Record) remote() (*Place, string) {
	if r.refused != "" {
		at, reference := r.find(func(_, _, word string) bool {
			parsed, err := url.Parse(word)
			return err == nil && parsed.String() == r.refused
		})
		if at != nil {
			return at, reference
		}
	}
	if r.lastMissing != "" {
		at, reference := r.find(func(_, folder, word string) bool {
			tried := path.Join(folder, word)
			return looksRemote.MatchString(word) && (tried == r.lastMissing || strings.HasPrefix(tried, r.lastMissing+"/"))
		})
		if at != nil {
			return at, reference
		}
	}
	return r.find(func(_, _, word string) bool { return looksRemote.MatchString(word) })
}

// find returns the first value of the kustomization that was read last for which a question about its top key,
// its file's folder and its text is answered by yes.
func (r *Record) find(question func(key, folder, word string) bool) (*Place, string) {
	for i := len(r.kustomizations) - 1; i >= 0; i-- {
		file := r.kustomizations[i]
		var document yaml.Node
		if err := yaml.NewDecoder(bytes.NewReader(file.data)).Decode(&document); err != nil || len(document.Content) == 0 {
			continue
		}
		folder, _ := split(file.path)
		top := document.Content[0]
		if top.Kind != yaml.MappingNode {
			continue
		}
		for j := 0; j+1 < len(top.Content); j += 2 {
			key := top.Content[j].Value
			if found := scalar(top.Content[j+1], func(word string) bool { return question(key, folder, word) }); found != nil {
				return &Place{Path(file.path), found.Line, found.Column}, found.Value
			}
		}
	}
	return nil, ""
}

func scalar(node *yaml.Node, question func(word string) bool) *yaml.Node {
	if node.Kind == yaml.ScalarNode && question(node.Value) {
		return node
	}
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			continue // a key
		}
		if found := scalar(child, question); found != nil {
			return found
		}
	}
	return nil
}
