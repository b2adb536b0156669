package main

import (
	"strings"
	"testing"
)

func TestAViolationNamesTheFieldThatIsLookedAt(t *testing.T) {
	for expression, field := range map[string]string{
		"object.spec.replicas <= 5":                                                                          "[spec replicas]",
		"object.spec.?replicas.orValue(1) <= 5":                                                              "[spec replicas]",
		"!has(object.spec.replicas) || object.spec.replicas <= 5":                                            "[spec replicas]",
		"object.spec.replicas <= 5 || object.metadata.name == 'api'":                                         "[spec replicas]",
		"'team' in object.metadata.labels":                                                                   "[metadata labels team]",
		"object.metadata.labels['app'] == 'api'":                                                             "[metadata labels app]",
		"object.spec.template.spec.containers.all(c, c.image.startsWith('g'))":                               "[spec template spec containers 1 image]",
		"object.spec.template.spec.containers.exists(c, c.name == 'z')":                                      "[spec template spec containers]",
		"object.spec.template.spec.containers.map(c, c.image).all(i, i.startsWith('g'))":                     "[spec template spec containers 1 image]",
		"object.spec.template.spec.containers.filter(c, c.name != 'a').all(c, has(c.resources))":             "[spec template spec containers 1 resources]",
		"(object.spec.template.spec.containers + object.spec.template.spec.containers).all(c, c.name < 'b')": "[spec template spec containers 1 name]",
		"object.metadata.labels.all(k, k.startsWith('x'))":                                                   "[metadata labels]",
		"false": "",
	} {
		t.Run(expression, func(t *testing.T) {
			found := judged(t, policyOf("p", "  validations: [{message: refused, expression: \""+expression+"\"}]"), deployment)
			is(t, found, strings.TrimSpace("0 [Deny] refused "+field))
		})
	}
}

func TestVariablesLeadToTheFieldToo(t *testing.T) {
	policy := policyOf("p", `  variables:
  - {name: all, expression: "object.spec.template.spec.containers + object.spec.template.spec.?initContainers.orValue([])"}
  - {name: many, expression: "object.spec.replicas > 5"}
  validations:
  - {expression: "variables.all.all(c, c.image.startsWith('good/'))", messageExpression: "'bad image in ' + object.metadata.name"}
  - {expression: "!variables.many"}`)
	is(t, judged(t, policy, deployment),
		"0 [Deny] bad image in web [spec template spec containers 1 image]",
		"0 [Deny] failed expression: !variables.many [spec replicas]")
}

func TestBindingsSayHowBadItIsAndWhatTheyMean(t *testing.T) {
	policy := policyOf("p", `  validations: [{expression: "false", message: refused}]`)
	warn := bindingOf("w", "  policyName: p\n  validationActions: [Warn, Audit]")
	narrow := bindingOf("narrow", "  policyName: p\n  validationActions: [Deny]\n  matchResources: {objectSelector: {matchLabels: {app: api}}}")
	is(t, judged(t, policy+"\n---\n"+warn, deployment), "0 [Warn Audit] refused")
	is(t, judged(t, policy+"\n---\n"+narrow, deployment))
}

func TestOnlyWhatMatchesIsJudged(t *testing.T) {
	rules := func(rest string) string {
		return strings.Replace(policyOf("p", `  validations: [{expression: "false", message: refused}]`), "    resourceRules:", rest+"    resourceRules:", 1)
	}
	is(t, judged(t, rules(""), strings.Replace(deployment, "Deployment", "StatefulSet", 1)))
	is(t, judged(t, rules("    objectSelector: {matchLabels: {app: api}}\n"), deployment))
	is(t, judged(t, rules("    excludeResourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: [deployments], resourceNames: [web]}]\n"), deployment))
	is(t, judged(t, rules("    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}\n"), deployment), "0 [Deny] refused")
	staging := "    namespaceSelector: {matchLabels: {stage: live}}\n"
	is(t, judged(t, rules(staging), deployment), `0 [spec matchConstraints namespaceSelector] 0:0 the labels of the namespace "shop" are not known*`)
	is(t, judged(t, rules(staging), deployment, "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {stage: live}}"), "0 [Deny] refused")
	is(t, judged(t, rules(staging), deployment, "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}"))
	is(t, judged(t, rules(""), strings.Replace(deployment, "apps/v1", "apps/v1beta2", 1)), "0 [spec matchConstraints resourceRules] 0:0 objects of apps/v1beta2 are not judged*")
	is(t, judged(t, strings.Replace(rules(""), "CREATE", "UPDATE", 1), deployment), "0 [spec matchConstraints resourceRules] 0:0 the policy judges no CREATE*")
	is(t, judged(t, rules("")+"\n  matchConditions: [{name: api, expression: \"object.metadata.name == 'api'\"}]", deployment))
}

func TestACustomResourceIsKnownByItsDefinition(t *testing.T) {
	policy := strings.Replace(strings.Replace(policyOf("p", `  validations: [{expression: "false", message: refused}]`), "[apps]", "[example.com]", 1), "deployments", "mice", 1)
	mouse := "apiVersion: example.com/v1\nkind: Mouse\nmetadata: {name: m}"
	definition := "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: mice.example.com}\nspec: {group: example.com, scope: Cluster, names: {kind: Mouse, plural: mice}}"
	is(t, judged(t, policy, mouse))
	is(t, judged(t, policy, mouse, definition), "0 [Deny] refused")
}

func TestParametersComeFromTheRepository(t *testing.T) {
	policy := policyOf("p", "  paramKind: {apiVersion: v1, kind: ConfigMap}\n  validations: [{expression: 'object.spec.replicas <= int(params.data.most)', message: many}]")
	binding := bindingOf("b", "  policyName: p\n  validationActions: [Deny]\n  paramRef: {name: limits, namespace: shop, parameterNotFoundAction: Deny}")
	limits := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: limits, namespace: shop}\ndata: {most: '5'}"
	both := policy + "\n---\n" + binding
	is(t, judged(t, both+"\n---\n"+limits, deployment), "0 [Deny] many [spec replicas]")
	is(t, judged(t, both, deployment, limits), "0 [Deny] many [spec replicas]")
	is(t, judged(t, both, deployment), "1 [spec paramRef] 0:0 no ConfigMap limits is rendered*")
	is(t, judged(t, strings.Replace(both, "parameterNotFoundAction: Deny", "parameterNotFoundAction: Allow", 1), deployment))
	is(t, judged(t, policy, deployment), "0 [spec paramKind] 0:0 the policy has a paramKind, and no binding gives it parameters")
}

func TestWhatKubernetesGivesAnExpressionIsThere(t *testing.T) {
	for _, expression := range []string{
		"oldObject == null", "request.operation == 'CREATE'", "request.namespace == 'shop'", "request.resource.resource == 'deployments'",
		"request.kind.kind == 'Deployment'", "request.name == 'web'", "namespaceObject.metadata.name == 'shop'", "!('system:nodes' in request.userInfo.groups)",
		"type(object.spec.replicas) == int", "quantity('1Gi').isGreaterThan(quantity('1Mi'))", "isIP('10.0.0.1')", "sets.contains([1, 2], [1])",
		"'%s'.format(['a']) == 'a'", "url('https://a/b').getHost() == 'a'", "object.spec.?nothing.orValue(1) == 1",
	} {
		is(t, judged(t, policyOf("p", "  validations: [{expression: \""+expression+"\"}]"), deployment))
	}
}

func TestAnErrorIsAFailureUnlessThePolicyIgnoresIt(t *testing.T) {
	policy := policyOf("p", "  failurePolicy: Fail\n  validations: [{expression: object.spec.paused == false}]")
	is(t, judged(t, policy, deployment), "0 [Deny] no such key: paused [spec paused]")
	set, _ := newSet("1.34", objects(t, strings.Replace(policy, "Fail", "Ignore", 1)))
	violations, _ := set.Judge(objects(t, deployment))
	if len(violations) != 1 || !violations[0].Ignored {
		t.Error(violations)
	}
}

func TestAnExpensiveExpressionIsStoppedOnceForAllObjects(t *testing.T) {
	loop := "[0,1,2,3,4,5,6,7,8,9]"
	expression := "true"
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		expression = loop + ".all(" + name + ", " + expression + ")"
	}
	policy := policyOf("p", "  validations: [{expression: \""+expression+"\"}]")
	set, _ := newSet("1.34", objects(t, policy))
	violations, _ := set.Judge(objects(t, deployment+"\n---\n"+deployment))
	if len(violations) != 1 || !violations[0].Costly {
		t.Error(violations)
	}
}

func TestWhatDoesNotCompileIsToldWithItsPlace(t *testing.T) {
	for spec, wanted := range map[string]string{
		"  validations: [{expression: 'object.spec.replicas <='}]":                                        "0 [spec validations 0 expression] 1:24 Syntax error*",
		"  validations: [{expression: 'object.spec.paused'}]":                                             "0 [spec validations 0 expression] 0:0 must evaluate to bool*",
		"  validations: [{expression: \"1 == 1 &&\\n unknown\"}]":                                         "0 [spec validations 0 expression] 2:2 undeclared reference*",
		"  validations: [{expression: 'true', messageExpression: '1'}]":                                   "0 [spec validations 0 messageExpression] 0:0 must evaluate to string*",
		"  variables: [{name: a, expression: 'b'}]\n  validations: [{expression: 'variables.a'}]":         "0 [spec variables 0 expression] 1:1 undeclared reference*",
		"  matchConditions: [{name: a, expression: 'b'}]\n  validations: [{expression: 'false'}]":         "0 [spec matchConditions 0 expression] 1:1 undeclared reference*",
		"  auditAnnotations: [{key: a, valueExpression: '1'}]":                                            "0 [spec auditAnnotations 0 valueExpression] 0:0 must evaluate to one of*",
		"  validations: [{expression: \"authorizer.group('').resource('pods').check('get').allowed()\"}]": "0 [spec validations 0 expression] 1:1 authorizer asks a cluster*",
		"  validations: [{expresion: 'true', expression: 'true'}]":                                        "0 [spec validations 0 expresion] 0:0 unknown field*",
		"  validations: 7": "0 [spec validations] 0:0 cannot unmarshal number*",
		"  failurePolicy: Maybe\n  validations: [{expression: 'true'}]": "0 [spec failurePolicy] 0:0 failurePolicy is*",
		"  validations: []": "0 [spec] 0:0 the policy has neither*",
		"  paramKind: {apiVersion: v1, kind: ConfigMap}\n  validations: [{expression: 'params == null'}]": "0 [spec paramKind] 0:0 the policy has a paramKind*",
	} {
		found := judged(t, policyOf("p", spec), deployment)
		is(t, found, wanted)
	}
}

func TestABindingIsHeldToItsPolicy(t *testing.T) {
	policy := policyOf("p", "  validations: [{expression: 'false', message: refused}]")
	is(t, judged(t, policy+"\n---\n"+bindingOf("b", "  policyName: q\n  validationActions: [Warn]"), deployment),
		"0 [Deny] refused", `1 [spec policyName] 0:0 there is no policy "q" among the policies`)
	is(t, judged(t, policy+"\n---\n"+bindingOf("b", "  policyName: p\n  validationActions: [Shout]"), deployment),
		`1 [spec validationActions 0] 0:0 "Shout" is no validation action`)
}

func TestAFunctionIsKnownFromTheVersionThatBroughtIt(t *testing.T) {
	policy := objects(t, policyOf("p", "  validations: [{expression: \"isSemver('1.0.0')\"}]"))
	for version, problems := range map[string]int{"1.34": 0, "1.30": 1} {
		set, err := newSet(version, policy)
		if err != nil || len(set.problems) != problems {
			t.Error(version, set.problems, err)
		}
	}
	if _, err := newSet("old", policy); err == nil {
		t.Error("that is no version")
	}
}
