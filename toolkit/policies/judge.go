package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	celtypes "github.com/google/cel-go/common/types"
	v1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	plugin "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules"
	limits "k8s.io/apiserver/pkg/apis/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
)

// maxTries is how many items of a list are looked at one by one to tell which is at fault.
const maxTries = 100

// judgement gathers what is found in some objects.
type judgement struct {
	set        *Set
	cluster    *cluster
	violations []Violation
	problems   []Problem
	exhausted  map[*policy]bool // those that cost too much once: they are not asked about each object anew
}

// Judge tells which policies the objects violate, and what could not be told.
func (s *Set) Judge(objects []Object) ([]Violation, []Problem) {
	j := &judgement{set: s, cluster: newCluster(s.documents, objects), problems: slices.Clone(s.problems), exhausted: map[*policy]bool{}}
	for index, object := range objects {
		subject, err := j.cluster.subject(object)
		if err != nil || rules.IsExemptAdmissionConfigurationResource(subject.attributes) {
			continue
		}
		for _, p := range s.policies {
			if p.validations != nil && !j.exhausted[p] {
				j.ask(p, subject, index)
			}
		}
	}
	return j.violations, j.problems
}

func (j *judgement) note(document int, message, remedy string, field ...any) {
	problem := Problem{Document: document, Field: field, Message: message, Remedy: remedy, Note: true}
	if !slices.ContainsFunc(j.problems, func(other Problem) bool { return other.Document == document && other.Message == message }) {
		j.problems = append(j.problems, problem)
	}
}

// ask judges one object by one policy, as each of its bindings wants it.
func (j *judgement) ask(p *policy, s *subject, index int) {
	if found := s.matches(p.spec.MatchConstraints, false); !found.yes {
		if found.doubt != "" {
			j.note(p.document, found.doubt, found.remedy, "spec", "matchConstraints", found.at)
		}
		return
	}
	for _, b := range p.bindings {
		if len(b.spec.ValidationActions) == 0 {
			continue
		}
		if found := s.matches(b.spec.MatchResources, true); !found.yes {
			if found.doubt != "" {
				j.note(b.document, found.doubt, found.remedy, "spec", "matchResources", found.at)
			}
			continue
		}
		params, ok := j.params(p, b, s)
		if !ok {
			continue
		}
		for _, one := range params {
			for _, found := range j.evaluate(p, s, one) {
				found.Object, found.Policy = index, p.document
				j.exhausted[p] = j.exhausted[p] || found.Costly
				for _, action := range b.spec.ValidationActions {
					found.Actions = append(found.Actions, string(action))
				}
				j.violations = append(j.violations, found)
			}
		}
	}
}

// params are the objects that a binding names, among those that are rendered and those beside the policies.
func (j *judgement) params(p *policy, b binding, s *subject) ([]runtime.Object, bool) {
	if p.spec.ParamKind == nil || b.spec.ParamRef == nil {
		return []runtime.Object{nil}, true
	}
	ref := b.spec.ParamRef
	selector, err := metav1.LabelSelectorAsSelector(ref.Selector)
	if err != nil {
		return nil, false
	}
	var found []runtime.Object
	for _, object := range j.cluster.objects {
		whole := &unstructured.Unstructured{Object: object}
		in := ref.Namespace
		if in == "" {
			in = s.attributes.GetNamespace()
		}
		fits := whole.GetKind() == p.spec.ParamKind.Kind && whole.GetAPIVersion() == p.spec.ParamKind.APIVersion &&
			(ref.Name == "" || whole.GetName() == ref.Name) &&
			(ref.Selector == nil || selector.Matches(labels.Set(whole.GetLabels()))) &&
			(whole.GetNamespace() == "" || in == "" || whole.GetNamespace() == in)
		if fits {
			found = append(found, whole)
		}
	}
	if len(found) == 0 {
		if ref.ParameterNotFoundAction == nil || *ref.ParameterNotFoundAction != v1.AllowAction {
			what := fmt.Sprintf("no %s %s is rendered or kept among the policies' files, so the policy can't judge", p.spec.ParamKind.Kind, ref.Name)
			problem := Problem{Document: b.document, Field: []any{"spec", "paramRef"}, Message: strings.ReplaceAll(what, "  ", " "), Remedy: "keep it beside the policies, or write parameterNotFoundAction: Allow"}
			if !slices.ContainsFunc(j.problems, func(o Problem) bool { return o.Document == b.document && o.Message == problem.Message }) {
				j.problems = append(j.problems, problem)
			}
		}
		return nil, false
	}
	return found, true
}

// evaluate is Kubernetes' own validator, but for what a render does not have.
func (j *judgement) evaluate(p *policy, s *subject, params runtime.Object) []Violation {
	ignore := p.spec.FailurePolicy != nil && *p.spec.FailurePolicy == v1.Ignore
	attributes := versioned(s, s.object)
	applies, index, bad := p.applies(attributes, params)
	if bad != nil {
		if s.guessed && p.conditional.namespace {
			j.unsure(p, s, "matchConditions", index)
			return nil
		}
		return []Violation{p.failed("matchConditions", index, bad, ignore)}
	}
	if !applies {
		return nil
	}
	decisions, err := p.decide(attributes, s, params)
	if err != nil {
		return []Violation{p.failed("validations", len(decisions), err, ignore)}
	}
	var out []Violation
	for i, decision := range decisions {
		at := p.kept[i]
		switch {
		case decision.err != nil && s.guessed && p.looks[i].namespace:
			j.unsure(p, s, "validations", at)
		case decision.err != nil:
			found := p.failed("validations", at, decision.err, ignore)
			found.Fields = p.pointed(p.looks[i], decision.err.Error(), s, params, i)
			out = append(out, found)
		case decision.denied:
			out = append(out, Violation{
				Field: []any{"spec", "validations", at, "expression"}, Message: decision.message, Reason: decision.reason,
				Fields: p.pointed(p.looks[i], decision.message, s, params, i),
			})
		}
	}
	return out
}

func (j *judgement) unsure(p *policy, s *subject, list string, index int) {
	what := fmt.Sprintf("the namespace %q is not rendered beside what lies in it, so this can't be told", s.namespace.Name)
	j.note(p.document, what, "render the Namespace, or keep it among the policies' files", "spec", list, index, "expression")
}

func versioned(s *subject, object *unstructured.Unstructured) *admission.VersionedAttributes {
	return &admission.VersionedAttributes{
		Attributes: s.attributes, VersionedObject: admission.NewLazyObject(object), VersionedKind: s.attributes.GetKind(),
	}
}

func request(attributes *admission.VersionedAttributes) (metav1.GroupVersionResource, metav1.GroupVersionKind) {
	return metav1.GroupVersionResource(attributes.GetResource()), metav1.GroupVersionKind(attributes.VersionedKind)
}

// applies asks the matchConditions; a failure is told with the condition's place.
func (p *policy) applies(attributes *admission.VersionedAttributes, params runtime.Object) (yes bool, index int, failure error) {
	resource, kind := request(attributes)
	results, _, err := p.conditions.ForInput(
		context.Background(), attributes, plugin.CreateAdmissionRequest(attributes.Attributes, resource, kind),
		plugin.OptionalVariableBindings{VersionedParams: params}, nil, limits.RuntimeCELCostBudgetMatchConditions,
	)
	if err != nil {
		return false, 0, err
	}
	for i, result := range results {
		if result.Error == nil && result.EvalResult == celtypes.False {
			return false, 0, nil
		}
		if result.Error != nil && failure == nil {
			failure, index = result.Error, i
		}
	}
	return failure == nil, index, failure
}

// decision is what came of one validation.
type decision struct {
	denied          bool
	err             error
	message, reason string
}

func (p *policy) decide(attributes *admission.VersionedAttributes, s *subject, params runtime.Object) ([]decision, error) {
	resource, kind := request(attributes)
	asked := plugin.CreateAdmissionRequest(attributes.Attributes, resource, kind)
	bindings := plugin.OptionalVariableBindings{VersionedParams: params}
	namespace := plugin.CreateNamespaceObject(s.namespace)
	results, left, err := p.validations.ForInput(context.Background(), attributes, asked, bindings, namespace, limits.RuntimeCELCostBudget)
	if err != nil {
		return nil, err
	}
	messages, _, unsaid := p.messages.ForInput(context.Background(), attributes, asked, bindings, namespace, left)
	out := make([]decision, len(results))
	for i, result := range results {
		validation := p.spec.Validations[p.kept[i]]
		switch {
		case result.Error != nil:
			out[i].err = result.Error
		case unsaid != nil && (errors.Is(unsaid, apiservercel.ErrInternal) || errors.Is(unsaid, apiservercel.ErrOutOfBudget)):
			out[i].err = fmt.Errorf("messageExpression: %w", unsaid)
		case result.EvalResult != celtypes.True:
			var said plugin.EvaluationResult
			if len(messages) > i {
				said = messages[i]
			}
			out[i] = decision{denied: true, message: message(validation, said), reason: string(metav1.StatusReasonInvalid)}
			if validation.Reason != nil {
				out[i].reason = string(*validation.Reason)
			}
		}
	}
	return out, nil
}

// message is what a person is told, by Kubernetes' order: the evaluated one, the written one, the expression.
func message(validation v1.Validation, said plugin.EvaluationResult) string {
	if said.Error == nil && said.EvalResult != nil {
		text, _ := said.EvalResult.Value().(string)
		text = strings.TrimSpace(text)
		if text != "" && len(text) <= limits.MaxEvaluatedMessageExpressionSizeBytes && !strings.Contains(text, "\n") {
			return text
		}
	}
	if text := strings.TrimSpace(validation.Message); text != "" {
		return text
	}
	return "failed expression: " + strings.Join(strings.Fields(validation.Expression), " ")
}

// failed is an expression that could not be evaluated.
func (p *policy) failed(list string, index int, err error, ignore bool) Violation {
	text := err.Error()
	if _, after, found := strings.Cut(text, "resulted in error: "); found {
		text = after
	}
	costly := errors.Is(err, apiservercel.ErrOutOfBudget) || strings.Contains(text, "cost limit exceeded")
	return Violation{Field: []any{"spec", list, index, "expression"}, Error: text, Ignored: ignore, Costly: costly}
}

// pointed are the parts of the object that an expression looks at, with the items that are at fault told apart: an
// item is, if the verdict stays with it alone in its list.
func (p *policy) pointed(at look, message string, s *subject, params runtime.Object, validation int) [][]any {
	fails := func(object map[string]any) bool {
		decisions, err := p.decide(versioned(s, &unstructured.Unstructured{Object: object}), s, params)
		return err == nil && validation < len(decisions) && (decisions[validation].denied || decisions[validation].err != nil)
	}
	var out [][]any
	for _, field := range ranked(at.fields, message) {
		if found, ok := settled(s.object.Object, field, fails); ok {
			out = append(out, found)
		}
	}
	return out
}

// settled replaces each `each` of a path by the index of the first item at fault; false where there is none.
func settled(object map[string]any, field []any, fails func(map[string]any) bool) ([]any, bool) {
	out := slices.Clone(field)
	for i := range out {
		if out[i] != each {
			continue
		}
		at := valueAt(object, out[:i])
		list, ok := at.([]any)
		if !ok {
			return out[:i], at != nil // the values of a map; of what is not there, nothing is at fault
		}
		found := slices.IndexFunc(list[:min(len(list), maxTries)], func(item any) bool { return fails(with(object, out[:i], []any{item})) })
		if found < 0 || fails(with(object, out[:i], []any{})) {
			return nil, false
		}
		object, out[i] = with(object, out[:i], []any{list[found]}), 0
		rest, ok := settled(object, out, fails)
		if ok {
			rest[i] = found
		}
		return rest, ok
	}
	return out, true
}

func valueAt(object any, path []any) any {
	for _, step := range path {
		switch at := object.(type) {
		case map[string]any:
			name, _ := step.(string)
			object = at[name]
		case []any:
			index, ok := step.(int)
			if !ok || index < 0 || index >= len(at) {
				return nil
			}
			object = at[index]
		default:
			return nil
		}
	}
	return object
}

// with is an object with another value at a path that is there; what lies beside is shared.
func with(object map[string]any, path []any, value any) map[string]any {
	replaced, _ := replace(object, path, value).(map[string]any)
	return replaced
}

func replace(at any, path []any, value any) any {
	if len(path) == 0 {
		return value
	}
	switch node := at.(type) {
	case map[string]any:
		name, _ := path[0].(string)
		copied := maps.Clone(node)
		copied[name] = replace(node[name], path[1:], value)
		return copied
	case []any:
		if index, ok := path[0].(int); ok && index >= 0 && index < len(node) {
			copied := slices.Clone(node)
			copied[index] = replace(node[index], path[1:], value)
			return copied
		}
	}
	return at
}
