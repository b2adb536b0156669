package main

import (
	"slices"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// withOrigins makes an edit, in memory, of an overlay's kustomization: that kustomize notes each object's file.
func withOrigins(overlay string) func(path string, data []byte) []byte {
	return func(path string, data []byte) []byte {
		folder, name := split(path)
		if folder != overlay || !kustomizationNames[name] {
			return data
		}
		node, err := yaml.Parse(string(data))
		if err != nil || node.YNode().Kind != yaml.MappingNode {
			return data // kustomize says why in its own words
		}
		list, err := node.Pipe(yaml.LookupCreate(yaml.SequenceNode, "buildMetadata"))
		if err != nil {
			return data
		}
		values, err := list.Elements()
		if err != nil {
			return data
		}
		asked := func(value *yaml.RNode) bool { return value.YNode().Value == "originAnnotations" }
		if slices.ContainsFunc(values, asked) {
			return data
		}
		if _, err := list.Pipe(yaml.Append(yaml.NewStringRNode("originAnnotations").YNode())); err != nil {
			return data
		}
		text, err := node.String()
		if err != nil {
			return data
		}
		return []byte(text)
	}
}
