package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/cel-go/cel"
	v1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/version"
	plugin "k8s.io/apiserver/pkg/admission/plugin/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	strict "sigs.k8s.io/json"
)

const (
	group       = "admissionregistration.k8s.io/"
	policyKind  = "ValidatingAdmissionPolicy"
	bindingKind = "ValidatingAdmissionPolicyBinding"
)

// Set is what one version of Kubernetes makes of some documents: policies with their bindings, and what those name.
type Set struct {
	documents []Object
	policies  []*policy
	problems  []Problem
}

// policy is one that compiles, at least in part.
type policy struct {
	document    int
	spec        v1.ValidatingAdmissionPolicySpec
	bindings    []binding
	conditions  plugin.ConditionEvaluator
	validations plugin.ConditionEvaluator
	messages    plugin.ConditionEvaluator
	kept        []int // which validations those are
	looks       []look
	conditional look
}

// binding is who makes a policy count; `document` is negative where nobody does, and it counts for all.
type binding struct {
	document int
	spec     v1.ValidatingAdmissionPolicyBindingSpec
}

// expression is what Kubernetes' compiler is given.
type expression struct {
	name, text string
	types      []*cel.Type
}

func (e *expression) GetName() string          { return e.name }
func (e *expression) GetExpression() string    { return e.text }
func (e *expression) ReturnTypes() []*cel.Type { return e.types }

// newSet compiles all policies among the documents. An error is no fault of a policy.
func newSet(kubernetes string, documents []Object) (*Set, error) {
	declared, err := version.ParseGeneric(kubernetes)
	if err != nil {
		return nil, fmt.Errorf("no version of Kubernetes: %q", kubernetes)
	}
	// A server takes new expressions by what the version before it knew, so that it can be rolled back.
	compatible := version.MajorMinor(1, max(declared.Minor(), 1)-1)
	set := &Set{documents: documents}
	named := map[string]*policy{}
	for i, document := range documents {
		if isKind(document, policyKind) {
			if made := set.compile(i, document, environment.MustBaseEnvSet(compatible)); made != nil {
				set.policies = append(set.policies, made)
				named[nameOf(document)] = made
			}
		}
	}
	for i, document := range documents {
		if isKind(document, bindingKind) {
			set.bind(i, document, named)
		}
	}
	for _, made := range set.policies {
		if len(made.bindings) == 0 {
			made.bindings = []binding{{-1, v1.ValidatingAdmissionPolicyBindingSpec{ValidationActions: []v1.ValidationAction{v1.Deny}}}}
			if made.spec.ParamKind != nil {
				set.fault(made.document, "the policy has a paramKind, and no binding gives it parameters", "add a ValidatingAdmissionPolicyBinding with a paramRef", "spec", "paramKind")
				made.validations = nil
			}
		}
	}
	return set, nil
}

func (s *Set) fault(document int, message, remedy string, field ...any) {
	s.problems = append(s.problems, Problem{Document: document, Field: field, Message: message, Remedy: remedy})
}

// read decodes a document strictly; it says whether there is any use in going on.
func (s *Set) read(document int, from Object, into any) bool {
	data, err := json.Marshal(from)
	if err != nil {
		s.fault(document, err.Error(), "")
		return false
	}
	unknown, err := strict.UnmarshalStrict(data, into)
	for _, one := range unknown {
		s.fault(document, one.Error(), "Kubernetes would drop it: check its name and its place", quoted(one.Error())...)
	}
	if err != nil {
		s.fault(document, strings.TrimPrefix(err.Error(), "json: "), "give it the type that Kubernetes asks for", typed(err)...)
		return false
	}
	return true
}

var (
	inQuotes = regexp.MustCompile(`"([^"]+)"`)
	ofField  = regexp.MustCompile(`Go struct field \w+\.([\w.]+)`)
)

// quoted is the way to the field that a strict decoder names.
func quoted(message string) []any {
	found := inQuotes.FindStringSubmatch(message)
	if found == nil {
		return nil
	}
	return steps(found[1])
}

func typed(err error) []any {
	found := ofField.FindStringSubmatch(err.Error())
	if found == nil {
		return nil
	}
	return steps(found[1])
}

// steps reads `spec.validations[0].message`.
func steps(dotted string) []any {
	var out []any
	for _, part := range strings.Split(dotted, ".") {
		name, rest, _ := strings.Cut(part, "[")
		if name != "" {
			out = append(out, name)
		}
		var index int
		if _, err := fmt.Sscanf(rest, "%d]", &index); err == nil {
			out = append(out, index)
		}
	}
	return out
}

// compile makes a policy of a document; nil where it can't judge anything.
func (s *Set) compile(document int, from Object, base *environment.EnvSet) *policy {
	var whole v1.ValidatingAdmissionPolicy
	if !s.read(document, from, &whole) || !s.complete(document, &whole) {
		return nil
	}
	spec := whole.Spec
	compiler, err := plugin.NewCompositedCompiler(base)
	if err != nil {
		s.fault(document, err.Error(), "")
		return nil
	}
	c := compilation{s, document, compiler, plugin.OptionalVariableDeclarations{HasParams: spec.ParamKind != nil}, map[string]look{}, false}
	sound := true
	for i, variable := range spec.Variables {
		e := &expression{variable.Name, variable.Expression, []*cel.Type{cel.AnyType, cel.DynType}}
		sound = c.try(e, true, "spec", "variables", i, "expression") && sound
	}
	made := &policy{document: document, spec: spec}
	var conditions, validations, messages []plugin.ExpressionAccessor
	for i, condition := range spec.MatchConditions {
		e := &expression{condition.Name, condition.Expression, []*cel.Type{cel.BoolType}}
		sound = c.try(e, false, "spec", "matchConditions", i, "expression") && sound
		conditions = append(conditions, e)
		made.conditional = made.conditional.or(c.look(e.text))
	}
	for i, validation := range spec.Validations {
		e := &expression{"", validation.Expression, []*cel.Type{cel.BoolType}}
		fine := c.try(e, false, "spec", "validations", i, "expression")
		var m plugin.ExpressionAccessor
		if validation.MessageExpression != "" {
			m = &expression{"", validation.MessageExpression, []*cel.Type{cel.StringType}}
			fine = c.try(m.(*expression), false, "spec", "validations", i, "messageExpression") && fine
		}
		if fine {
			validations, messages = append(validations, e), append(messages, m)
			made.kept, made.looks = append(made.kept, i), append(made.looks, c.look(e.text))
		}
	}
	for i, annotation := range spec.AuditAnnotations {
		e := &expression{annotation.Key, annotation.ValueExpression, []*cel.Type{cel.StringType, cel.NullType}}
		c.try(e, false, "spec", "auditAnnotations", i, "valueExpression")
	}
	if !sound {
		return made // what stands on a broken part is not judged; that it is broken was told
	}
	made.conditions = compiler.CompileCondition(conditions, c.options, environment.NewExpressions)
	made.validations = compiler.CompileCondition(validations, c.options, environment.NewExpressions)
	made.messages = compiler.CompileCondition(messages, c.options, environment.NewExpressions)
	return made
}

// complete refuses what a server would refuse at once, and tells what can't be judged from a render.
func (s *Set) complete(document int, whole *v1.ValidatingAdmissionPolicy) bool {
	spec, before := whole.Spec, len(s.problems)
	if whole.Name == "" {
		s.fault(document, "the policy has no name", "give it metadata.name", "metadata")
	}
	if spec.MatchConstraints == nil || len(spec.MatchConstraints.ResourceRules) == 0 {
		s.fault(document, "the policy does not say what it matches", "add spec.matchConstraints.resourceRules", "spec", "matchConstraints")
	} else if s.selectors(document, spec.MatchConstraints, "matchConstraints"); !creates(spec.MatchConstraints.ResourceRules) {
		s.problems = append(s.problems, Problem{
			Document: document, Field: []any{"spec", "matchConstraints", "resourceRules"}, Note: true,
			Message: "the policy judges no CREATE: a render has nothing that was there before, so nothing is judged",
		})
	}
	if len(spec.Validations) == 0 && len(spec.AuditAnnotations) == 0 {
		s.fault(document, "the policy has neither validations nor auditAnnotations", "add spec.validations", "spec")
	}
	if f := spec.FailurePolicy; f != nil && *f != v1.Fail && *f != v1.Ignore {
		s.fault(document, fmt.Sprintf("failurePolicy is %q", *f), "write Fail or Ignore", "spec", "failurePolicy")
	}
	for i, validation := range spec.Validations {
		if strings.TrimSpace(validation.Expression) == "" {
			s.fault(document, "the expression is empty", "write one, or remove the validation", "spec", "validations", i, "expression")
		}
	}
	return len(s.problems) == before || !faulty(s.problems[before:])
}

func faulty(problems []Problem) bool {
	for _, problem := range problems {
		if !problem.Note {
			return true
		}
	}
	return false
}

func creates(rules []v1.NamedRuleWithOperations) bool {
	for _, rule := range rules {
		for _, operation := range rule.Operations {
			if operation == v1.Create || operation == v1.OperationAll {
				return true
			}
		}
	}
	return false
}

// selectors refuses label selectors that are none.
func (s *Set) selectors(document int, match *v1.MatchResources, at string) {
	for name, selector := range map[string]*metav1.LabelSelector{"namespaceSelector": match.NamespaceSelector, "objectSelector": match.ObjectSelector} {
		if _, err := metav1.LabelSelectorAsSelector(selector); err != nil {
			s.fault(document, err.Error(), "mend the selector", "spec", at, name)
		}
	}
}

// bind reads a binding and hands it to its policy.
func (s *Set) bind(document int, from Object, named map[string]*policy) {
	var whole v1.ValidatingAdmissionPolicyBinding
	if !s.read(document, from, &whole) {
		return
	}
	spec := whole.Spec
	before := len(s.problems)
	if spec.MatchResources != nil {
		s.selectors(document, spec.MatchResources, "matchResources")
	}
	if len(spec.ValidationActions) == 0 {
		s.fault(document, "the binding has no validationActions", "write [Deny], [Warn] or [Audit]", "spec", "validationActions")
	}
	for i, action := range spec.ValidationActions {
		if action != v1.Deny && action != v1.Warn && action != v1.Audit {
			s.fault(document, fmt.Sprintf("%q is no validation action", action), "write Deny, Warn or Audit", "spec", "validationActions", i)
		}
	}
	bound, ok := named[spec.PolicyName]
	if !ok && !s.has(spec.PolicyName) {
		s.fault(document, fmt.Sprintf("there is no policy %q among the policies", spec.PolicyName), "name one, or list the file that has it", "spec", "policyName")
	}
	if ok && bound.spec.ParamKind != nil && spec.ParamRef == nil {
		s.fault(document, "the policy has a paramKind, and the binding no paramRef", "name the parameters, or their selector", "spec")
	}
	if spec.ParamRef != nil {
		if _, err := metav1.LabelSelectorAsSelector(spec.ParamRef.Selector); err != nil {
			s.fault(document, err.Error(), "mend the selector", "spec", "paramRef", "selector")
		}
	}
	if ok && len(s.problems) == before {
		bound.bindings = append(bound.bindings, binding{document, spec})
	} else if ok {
		bound.bindings = append(bound.bindings, binding{document, v1.ValidatingAdmissionPolicyBindingSpec{}}) // it never counts
	}
}

func (s *Set) has(name string) bool {
	for _, document := range s.documents {
		if isKind(document, policyKind) && nameOf(document) == name {
			return true
		}
	}
	return false
}

// compilation is what the expressions of one policy share.
type compilation struct {
	set      *Set
	document int
	compiler *plugin.CompositedCompiler
	options  plugin.OptionalVariableDeclarations
	known    map[string]look
	unsound  bool // a variable is broken: what is made of it has no type, and that is no news
}

// try compiles an expression, and tells what is wrong with it, and where.
func (c *compilation) try(e *expression, variable bool, field ...any) bool {
	var result plugin.CompilationResult
	if variable {
		result = c.compiler.CompileAndStoreVariable(e, c.options, environment.NewExpressions)
		c.known[e.name] = c.look(e.text)
	} else {
		result = c.compiler.CompileCELExpression(e, c.options, environment.NewExpressions)
	}
	if result.Error == nil {
		return true
	}
	problem := Problem{Document: c.document, Field: field, Message: result.Error.Detail, Remedy: "mend the expression"}
	var compiling *apiservercel.CompilationError
	if c.unsound && result.Error.Cause == nil {
		return false
	}
	c.unsound = c.unsound || variable
	if errors.As(result.Error.Cause, &compiling) && len(compiling.Issues.Errors()) > 0 {
		first := compiling.Issues.Errors()[0]
		problem.Message = first.Message
		if first.Location != nil && first.Location.Line() > 0 {
			problem.Line, problem.Column = first.Location.Line(), first.Location.Column()+1
		}
		if strings.HasPrefix(first.Message, "undeclared reference to 'authorizer'") {
			problem.Message = "authorizer asks a cluster who may do what, and there is none here"
			problem.Remedy = "keep such policies out of the files that `check: {policies}` lists"
		}
	}
	c.set.problems = append(c.set.problems, problem)
	return false
}

func isKind(document Object, kind string) bool {
	api, _ := document["apiVersion"].(string)
	return document["kind"] == kind && strings.HasPrefix(api, group)
}

func metaOf(object Object) map[string]any {
	meta, _ := object["metadata"].(map[string]any)
	return meta
}

func nameOf(object Object) string {
	name, _ := metaOf(object)["name"].(string)
	return name
}
