"""An object that a policy of the repository forbids.

Policies are Kubernetes' own ValidatingAdmissionPolicy objects, in CEL, in the files that `check: {policies}` lists.
They are judged by Kubernetes' own library, at the version that the environment declares. A binding's
validationActions say how bad that is: Deny is an error, Warn a warning, Audit a note; without a binding it is Deny.
A policy that can't be judged is an error, too: at its place, to the line of the expression.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.objects import Object
from fairlead.model.findings import Finding, Severity, Where
from fairlead.repo.config import DEFAULT_KUBERNETES

if TYPE_CHECKING:
    from fairlead.checks.policies import Book, Document, Problem, Violation

ID = "policy"
GROUP = "custom"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_CONFIG = "version: 1\nenvironments: {dev: {}}\ncheck:\n  policies: [policies/*.yaml]\n"
_POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: few-replicas
spec:
  matchConstraints:
    resourceRules:
    - apiGroups: [apps]
      apiVersions: [v1]
      operations: [CREATE]
      resources: [deployments]
  validations:
  - expression: object.spec.replicas <= 5
    message: five replicas are enough
"""
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: {replicas}
  selector:
    matchLabels: {{app: web}}
  template:
    metadata:
      labels: {{app: web}}
    spec:
      containers:
      - name: web
        image: example.com/web:1
"""
_FILES = {
    "fairlead.yaml": _CONFIG,
    "policies/few-replicas.yaml": _POLICY,
    "overlays/dev/kustomization.yaml": "resources:\n- deployment.yaml\n",
}
BAD = Example({**_FILES, "overlays/dev/deployment.yaml": _DEPLOYMENT.format(replicas=7)})
GOOD = Example({**_FILES, "overlays/dev/deployment.yaml": _DEPLOYMENT.format(replicas=3)})

_ACTIONS = (("Deny", Severity.ERROR), ("Warn", Severity.WARNING), ("Audit", Severity.NOTE))


def check(judged: Judged) -> Iterator[Finding]:
    """Ask the engine about all objects of the overlay at once."""
    policies = judged.shared.policies
    if policies is None:
        return
    book = policies.of(judged.environment.name if judged.environment is not None else "")
    for trouble in book.troubles:
        yield judged.finding(ID, trouble.message, trouble.remedy, trouble.where, severity=SEVERITY)
    if not book.documents:
        return
    version = judged.environment.kubernetes if judged.environment is not None else DEFAULT_KUBERNETES
    verdicts = policies.engine.judge(version, book.documents, tuple(o.body for o in judged.objects))
    if verdicts.failure:
        remedy = "look for the policy that costs so much, or try again"
        yield judged.finding(
            ID, f"the policies could not be judged: {verdicts.failure}", remedy, judged.entry, severity=SEVERITY
        )
    for problem in verdicts.problems:
        yield _problem(judged, book, problem)
    for violation in verdicts.violations:
        yield _violation(judged, book.documents[violation.policy], violation)


def _problem(judged: Judged, book: Book, problem: Problem) -> Finding:
    document = book.documents[problem.document]
    return judged.finding(
        ID,
        f"{document.body.get('kind')}/{document.name}: {problem.message}",
        problem.remedy or "see the documentation of ValidatingAdmissionPolicy",
        document.where(problem.field, problem.line, problem.column),
        severity=Severity.NOTE if problem.note else SEVERITY,
    )


def _violation(judged: Judged, policy: Document, violation: Violation) -> Finding:
    rendered = judged.objects[violation.object]
    at = policy.where(violation.field)
    severity = next((severity for action, severity in _ACTIONS if action in violation.actions), SEVERITY)
    if violation.costly:
        return judged.finding(
            ID,
            f"the policy {policy.name!r} costs more than Kubernetes allows: {violation.error}",
            f"a cluster would not end it for {rendered.label}, either: nest fewer loops, or bound what they run over",
            at,
            subject=rendered.label,
            severity=severity,
        )
    if violation.error:
        return judged.finding(
            ID,
            f"{rendered.label}: the policy {policy.name!r} can't be evaluated: {violation.error}",
            f"give it the field, or let the expression at {at} ask whether it is there: has(object.spec.field)",
            _place(judged, rendered, violation),
            subject=rendered.label,
            severity=Severity.NOTE if violation.ignored else severity,
        )
    return judged.finding(
        ID,
        f"{rendered.label}: {violation.message} (policy {policy.name!r})",
        f"change the object, or the expression at {at}",
        _place(judged, rendered, violation),
        subject=rendered.label,
        severity=severity,
    )


def _place(judged: Judged, rendered: Object, violation: Violation) -> Where:
    path = violation.fields[0] if violation.fields else ("metadata", "name")
    return judged.origin.of(rendered, path)
