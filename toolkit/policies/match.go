package main

import (
	"fmt"
	"slices"

	v1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules"
	"k8s.io/apiserver/pkg/authentication/user"
)

// clusterWide are Kubernetes' own kinds that lie in no namespace.
var clusterWide = []string{
	"APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding",
	"ClusterTrustBundle", "ComponentStatus", "CustomResourceDefinition", "DeviceClass", "FlowSchema", "IPAddress",
	"IngressClass", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
	"Namespace", "Node", "PersistentVolume", "PodSecurityPolicy", "PriorityClass", "PriorityLevelConfiguration",
	"ResourceSlice", "RuntimeClass", "ServiceCIDR", "StorageClass", "StorageVersion", "StorageVersionMigration",
	"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
	"VolumeAttachment", "VolumeAttributesClass", "GatewayClass",
}

// nameLabel is what Kubernetes labels every namespace with.
const nameLabel = "kubernetes.io/metadata.name"

// requester stands for whoever will apply a render: nobody knows.
var requester = &user.DefaultInfo{Name: "fairlead", Groups: []string{"system:authenticated"}}

// known is what the definitions among some objects say of a kind.
type known struct {
	plural     string
	namespaced bool
}

// cluster is what is known of where objects will be: the namespaces and custom resources that stand beside them.
type cluster struct {
	namespaces map[string]*corev1.Namespace
	customs    map[schema.GroupKind]known
	objects    []Object
}

func newCluster(lists ...[]Object) *cluster {
	c := &cluster{namespaces: map[string]*corev1.Namespace{}, customs: map[schema.GroupKind]known{}}
	for _, list := range lists {
		c.objects = append(c.objects, list...)
		for _, object := range list {
			switch object["kind"] {
			case "Namespace":
				c.meet(object)
			case "CustomResourceDefinition":
				c.learn(object)
			}
		}
	}
	return c
}

func (c *cluster) meet(object Object) {
	namespace := &corev1.Namespace{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object, namespace); err != nil || object["apiVersion"] != "v1" {
		return
	}
	c.namespaces[namespace.Name] = labelled(namespace)
}

func labelled(namespace *corev1.Namespace) *corev1.Namespace {
	if namespace.Labels == nil {
		namespace.Labels = map[string]string{}
	}
	namespace.Labels[nameLabel] = namespace.Name
	return namespace
}

func (c *cluster) learn(object Object) {
	text := func(fields ...string) string {
		value, _, _ := unstructured.NestedString(object, fields...)
		return value
	}
	if plural := text("spec", "names", "plural"); plural != "" {
		kind := schema.GroupKind{Group: text("spec", "group"), Kind: text("spec", "names", "kind")}
		c.customs[kind] = known{plural, text("spec", "scope") != "Cluster"}
	}
}

// subject is an object as a server would see it.
type subject struct {
	object     *unstructured.Unstructured
	attributes admission.Attributes
	placed     admission.Attributes // the same for rules that ask whether it lies in a namespace
	namespaced bool
	namespace  *corev1.Namespace
	guessed    bool // the namespace is not there to be looked at
}

func (c *cluster) subject(object Object) (*subject, error) {
	whole := &unstructured.Unstructured{Object: object}
	kind := whole.GroupVersionKind()
	if kind.Kind == "" || kind.Version == "" {
		return nil, fmt.Errorf("it has no apiVersion or no kind")
	}
	resource, _ := meta.UnsafeGuessKindToResource(kind)
	namespaced := !slices.Contains(clusterWide, kind.Kind)
	if custom, ok := c.customs[kind.GroupKind()]; ok {
		resource.Resource, namespaced = custom.plural, custom.namespaced
	}
	in, name := "", nameOf(object)
	if namespaced {
		in, _ = metaOf(object)["namespace"].(string)
	}
	s := &subject{object: whole, namespaced: namespaced}
	attributes := func(namespace string) admission.Attributes {
		options := &metav1.CreateOptions{TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "CreateOptions"}}
		return admission.NewAttributesRecord(whole, nil, kind, namespace, name, resource, "", admission.Create, options, false, requester)
	}
	switch {
	case kind.Kind == "Namespace" && kind.Group == "":
		s.attributes = attributes(name) // as a server does
		s.namespace = c.namespaces[name]
	case namespaced:
		s.attributes = attributes(in)
		found, ok := c.namespaces[in]
		if !ok {
			found = labelled(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: in}})
		}
		s.namespace, s.guessed = found, !ok
	default:
		s.attributes = attributes("")
	}
	s.placed = s.attributes
	if namespaced && in == "" {
		s.placed = attributes("-")
	}
	return s, nil
}

// verdict of a match: yes, no, or a reason why that can't be told.
type verdict struct {
	yes    bool
	doubt  string
	at     string
	remedy string
}

// matches is how Kubernetes decides whether a policy is about an object.
func (s *subject) matches(match *v1.MatchResources, all bool) verdict {
	if match == nil {
		return verdict{yes: all}
	}
	for _, rule := range match.ExcludeResourceRules {
		if s.hits(rule) {
			return verdict{}
		}
	}
	hit := all && len(match.ResourceRules) == 0
	other := ""
	for _, rule := range match.ResourceRules {
		hit = hit || s.hits(rule)
		loose := rule
		loose.APIVersions = []string{"*"}
		if other == "" && s.hits(loose) {
			other = fmt.Sprint(rule.APIVersions)
		}
	}
	selector, err := metav1.LabelSelectorAsSelector(match.ObjectSelector)
	if err != nil || (match.ObjectSelector != nil && !selector.Matches(labels.Set(s.object.GetLabels()))) {
		return verdict{}
	}
	if !hit {
		if other == "" || (match.MatchPolicy != nil && *match.MatchPolicy == v1.Exact) {
			return verdict{}
		}
		gvk := s.attributes.GetKind()
		return verdict{
			doubt:  fmt.Sprintf("objects of %s are not judged: Kubernetes would convert a %s to version %s, which needs a server", gvk.GroupVersion(), gvk.Kind, other),
			at:     "resourceRules",
			remedy: "name this version in the policy, or write matchPolicy: Exact",
		}
	}
	return s.within(match.NamespaceSelector)
}

func (s *subject) hits(rule v1.NamedRuleWithOperations) bool {
	matcher := rules.Matcher{Rule: rule.RuleWithOperations, Attr: s.placed}
	named := len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, s.attributes.GetName())
	return named && matcher.Matches()
}

// within asks the labels of the namespace; what lies in none is never left out.
func (s *subject) within(asked *metav1.LabelSelector) verdict {
	selector, err := metav1.LabelSelectorAsSelector(asked)
	if err != nil {
		return verdict{}
	}
	if asked == nil || selector.Empty() || s.namespace == nil {
		return verdict{yes: true}
	}
	requirements, _ := selector.Requirements()
	unknown := s.guessed && slices.ContainsFunc(requirements, func(r labels.Requirement) bool {
		return r.Key() != nameLabel || s.namespace.Name == ""
	})
	if unknown {
		what := fmt.Sprintf("the labels of the namespace %q are not known", s.namespace.Name)
		if s.namespace.Name == "" {
			what = "objects without a namespace get one only when they are applied"
		}
		return verdict{doubt: what + ", so what lies in it is not judged by this policy", at: "namespaceSelector", remedy: "render the Namespace with them, or keep it among the policies' files"}
	}
	return verdict{yes: selector.Matches(labels.Set(s.namespace.Labels))}
}
