package main

// warm renders an overlay of its own: kustomize's library reads its schemas at the first render, and that takes as long
// as ten others. The parent has more to do before it asks.
func (r *Renderer) warm() {
	const object = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w}\nspec: {template: {spec: {containers: [{name: w, image: w}]}}}\n"
	tree := newEdited(Nothing{}, map[Path]*Edit{
		"w/kustomization.yaml": {Mode: 0o100644, Data: []byte("resources: [w.yaml]\nnamespace: w\npatches: [{path: w.yaml}]\nimages: [{name: w, newTag: w}]\n")},
		"w/w.yaml":             {Mode: 0o100644, Data: []byte(object)},
	})
	r.Render(tree, &Message{Overlay: "w"})
}
