package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

func TestEachMessageIsAnswered(t *testing.T) {
	policies, _ := json.Marshal(Message{ID: 1, Set: "s", Kubernetes: "1.34", Documents: objects(t, policyOf("p", "  validations: [{expression: 'object.spec.replicas <= 5'}]"))})
	rendered, _ := json.Marshal(Message{ID: 2, Set: "s", Objects: objects(t, deployment)})
	var out bytes.Buffer
	if err := serve(strings.NewReader(string(policies)+"\n"+string(rendered)+"\n"+`{"id":3,"set":"t"}`+"\n"), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 || !strings.Contains(lines[0], `"protocol":1`) || lines[1] != `{"id":1}` ||
		!strings.Contains(lines[2], `"fields":[["spec","replicas"]]`) || !strings.Contains(lines[3], "there is no set") {
		t.Error(out.String())
	}
}

func TestWholeNumbersStayWhole(t *testing.T) {
	var message Message
	if err := json.Unmarshal([]byte(`{"objects":[{"a":3,"b":3.5,"c":{"d":[9007199254740993]}}]}`), &message); err != nil {
		t.Fatal(err)
	}
	object := message.Objects[0]
	if object["a"] != int64(3) || object["b"] != 3.5 || valueAt(map[string]any(object), []any{"c", "d", 0}) != int64(9007199254740993) {
		t.Error(object)
	}
}

func TestHalfAMessageIsTheEnd(t *testing.T) {
	for _, text := range []string{"", `{"id":1`} {
		if _, err := receive(bufio.NewReader(strings.NewReader(text))); err != io.EOF {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := receive(bufio.NewReader(strings.NewReader("x\n"))); err == nil || err == io.EOF {
		t.Error(err)
	}
}

// FuzzMessages: whatever the parent sends, each message is answered, or ends the work with an error; never a panic.
func FuzzMessages(f *testing.F) {
	for _, spec := range []string{
		"  validations: [{expression: 'object.spec.replicas <= 5', messageExpression: \"'a'\"}]",
		"  variables: [{name: a, expression: object.spec}]\n  matchConditions: [{name: b, expression: has(variables.a.replicas)}]\n  validations: [{expression: 'variables.a.template.spec.containers.all(c, has(c.x))'}]",
		"  paramKind: {apiVersion: v1, kind: ConfigMap}\n  validations: [{expression: params.data.a == 'b'}]",
	} {
		policies, _ := json.Marshal(Message{Set: "s", Kubernetes: "1.34", Documents: objects(f, policyOf("p", spec)+"\n---\n"+bindingOf("b", "  policyName: p\n  validationActions: [Warn]\n  paramRef: {selector: {}}"))})
		rendered, _ := json.Marshal(Message{Set: "s", Objects: objects(f, deployment+"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}")})
		f.Add([]byte(string(policies) + "\n" + string(rendered) + "\n"))
	}
	f.Add([]byte("{}\n[]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		messages := 0
		for reader := bufio.NewReader(bytes.NewReader(data)); ; messages++ {
			if _, err := receive(reader); err != nil {
				break
			}
		}
		var out bytes.Buffer
		_ = serve(bytes.NewReader(data), &out)
		if answers := bytes.Count(out.Bytes(), []byte("\n")); answers != messages+1 {
			t.Errorf("%d answers to %d messages", answers, messages)
		}
		for _, line := range bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n")) {
			if bytes.Contains(line, []byte("runtime error")) || !json.Valid(line) {
				t.Error(string(line))
			}
		}
	})
}
