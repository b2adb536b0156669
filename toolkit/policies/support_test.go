package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// objects reads YAML documents as a parent would send them.
func objects(t testing.TB, text string) []Object {
	t.Helper()
	var out []Object
	for _, part := range strings.Split(text, "\n---\n") {
		data, err := yaml.YAMLToJSON([]byte(part))
		if err != nil {
			t.Fatal(err)
		}
		var object Object
		if err := json.Unmarshal(data, &object); err != nil {
			t.Fatal(err)
		}
		out = append(out, object)
	}
	return out
}

// policyOf is a policy about Deployments with this spec, which is indented.
func policyOf(name, spec string) string {
	return fmt.Sprintf(`apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: %s}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
%s`, name, spec)
}

func bindingOf(name, spec string) string {
	return fmt.Sprintf(`apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: %s}
spec:
%s`, name, spec)
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 7
  template:
    spec:
      containers:
      - {name: a, image: good/a:1}
      - {name: b, image: bad/b:1}`

// judged gives violations and problems as short words.
func judged(t testing.TB, policies string, rendered ...string) []string {
	t.Helper()
	set, err := newSet("1.34", objects(t, policies))
	if err != nil {
		t.Fatal(err)
	}
	violations, problems := set.Judge(objects(t, strings.Join(rendered, "\n---\n")))
	var out []string
	for _, v := range violations {
		at := ""
		if len(v.Fields) > 0 {
			at = fmt.Sprint(v.Fields[0])
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d %v %s%s %s", v.Object, v.Actions, v.Message, v.Error, at)))
	}
	for _, p := range problems {
		out = append(out, fmt.Sprintf("%d %v %d:%d %s", p.Document, p.Field, p.Line, p.Column, p.Message))
	}
	return out
}

func is(t *testing.T, got []string, wanted ...string) {
	t.Helper()
	if len(got) != len(wanted) {
		t.Fatalf("got\n%s\nwanted\n%s", strings.Join(got, "\n"), strings.Join(wanted, "\n"))
	}
	for i := range got {
		if got[i] != wanted[i] && !(strings.HasSuffix(wanted[i], "*") && strings.HasPrefix(got[i], strings.TrimSuffix(wanted[i], "*"))) {
			t.Errorf("got\n%s\nwanted\n%s", got[i], wanted[i])
		}
	}
}
