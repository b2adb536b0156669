"""What kustomize printed, as objects, read the way Kubernetes' own tools read YAML."""

from __future__ import annotations

import json
import re
from dataclasses import field, replace
from functools import cached_property
from typing import Any, TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from fairlead.edit.nodes import MAX_DEPTH, refuse_depth
from fairlead.model.errors import ExcessProblem
from fairlead.model.rendering import Added
from fairlead.model.values import dataclass

try:
    from yaml.cyaml import CParser as _Parser  # type: ignore[attr-defined]  # the stubs don't export it
except ImportError:  # pragma: no cover  a PyYAML without libyaml
    _Parser = None  # type: ignore[assignment,misc]  # the fallback below is used instead

_DEEP = re.compile(rf"(?m)^ {{{MAX_DEPTH * 2},}}(?=- |[^\s:]+:(?: |$))")
# What sigs.k8s.io/yaml takes for something else than a string: no dates, no base 60.
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_INT = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NUMBER_START = frozenset("+-.0123456789")
_MOST = 1_000_000  # values of one document
_STR, _BINARY = "tag:yaml.org,2002:str", "tag:yaml.org,2002:binary"

CLUSTER_SCOPED = frozenset(
    (
        "Namespace", "Node", "PersistentVolume", "StorageClass", "ClusterRole", "ClusterRoleBinding",
        "CustomResourceDefinition", "PriorityClass", "IngressClass", "RuntimeClass", "CSIDriver", "CSINode",
        "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "APIService", "VolumeAttachment",
        "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ComponentStatus", "FlowSchema",
        "PriorityLevelConfiguration", "CertificateSigningRequest",
    )
)  # fmt: skip


Json: TypeAlias = Any  # None, bool, int, float, str, and lists and dicts of them


@dataclass(frozen=True)
class Object:
    """One rendered object. `written` is what kustomize made of it, where that was changed since.

    `owner` is the Helm release that it comes from, if it does. `kept` is what several rules ask of it, found once.
    """

    api_version: str
    kind: str
    name: str
    namespace: str
    body: dict[str, Any] = field(hash=False, repr=False)
    written: Object | None = field(default=None, compare=False, repr=False)
    owner: Object | None = field(default=None, compare=False, repr=False)
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def label(self) -> str:
        """Kind and name, as people write them."""
        return f"{self.kind}/{self.name}"

    @cached_property
    def group(self) -> str:
        """The API group; empty for the core."""
        return self.api_version.rpartition("/")[0]


class _Composer(_Parser if _Parser is not None else yaml.SafeLoader):  # type: ignore[misc]  # see above
    def __init__(self, text: str) -> None:
        super().__init__(text)

    def resolve(self, _kind: object, _value: object, _implicit: object) -> str:
        return _STR

    def descend_resolver(self, _node: object, _index: object) -> None:
        return

    def ascend_resolver(self) -> None:
        return


def read(text: str, values: bytes = b"") -> tuple[Object, ...]:
    """The objects of rendered text; `kind: List` is opened. `values` are the same as a JSON list, where they are known.

    Raises:
        ExcessProblem: where the text nests too deep.
    """
    refuse_depth(text)
    if _DEEP.search(text):
        raise ExcessProblem(f"the rendered text nests more than {MAX_DEPTH} levels")
    out: list[Object] = []
    if values:
        for body in json.loads(values):
            _collect(body, out)
        return tuple(out)
    loader = _Composer(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is not None:
                _collect(_value(node), out)
    finally:
        loader.dispose()
    return tuple(out)


def read_file(text: str) -> tuple[Object, ...]:
    """The objects of a file of somebody's; none where it can't be read.

    Raises:
        ExcessProblem: where the text nests too deep, or its aliases expand to too much.
    """
    refuse_depth(text)
    out: list[Object] = []
    loader = _Composer(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is not None:
                if _size(node, {}) > _MOST:
                    raise ExcessProblem(f"the aliases expand to more than {_MOST} values")
                _collect(_value(node), out)
    except yaml.YAMLError:
        return ()
    finally:
        loader.dispose()
    return tuple(out)


def _size(node: Node, known: dict[int, int]) -> int:
    """How many values a node stands for once its aliases are written out."""
    if isinstance(node, ScalarNode):
        return 1
    size = known.get(id(node))
    if size is None:
        known[id(node)] = _MOST + 1  # for an alias of what it stands in
        below = node.value if isinstance(node, SequenceNode) else [value for _, value in node.value]
        size = known[id(node)] = 1 + sum(_size(each, known) for each in below)
    return size


def _collect(body: Json, out: list[Object]) -> None:
    if not isinstance(body, dict):
        return
    kind, items = body.get("kind"), body.get("items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
        for item in items:
            _collect(item, out)
        return
    out.append(made(body))


def made(body: dict[str, Any], written: Object | None = None) -> Object:
    """An object of its body; `written` is what it was before it was changed."""
    meta = body.get("metadata")
    meta = meta if isinstance(meta, dict) else {}
    texts = (body.get("apiVersion"), body.get("kind"), meta.get("name"), meta.get("namespace"))
    api, kind, name, namespace = (t if isinstance(t, str) else "" for t in texts)
    return Object(api, kind, name, namespace, body, written, written.owner if written is not None else None)


def owned(objects: tuple[Object, ...], added: tuple[Added, ...]) -> tuple[Object, ...]:
    """The objects of a rendering, where the last ones know the releases that they come from."""
    if not added:
        return objects
    first = len(objects) - sum(one.objects for one in added)
    out = list(objects[:first])
    for one in added:
        whose = (one.kind, one.namespace, one.name)
        owner = next((o for o in out if (o.kind, o.namespace, o.name) == whose), None)
        out += (replace(o, owner=owner) for o in objects[len(out) : len(out) + one.objects])
    return tuple(out)


def read_value(text: str) -> Json:
    """What a map's value is that is written so on one line; the text itself where it is no YAML."""
    try:
        refuse_depth(text)
    except ExcessProblem:
        return text
    loader = _Composer(f"value: {text}\n")
    try:
        node = loader.get_single_node()
    except yaml.YAMLError:
        return text
    finally:
        loader.dispose()
    body = _value(node) if node is not None else None
    return body["value"] if isinstance(body, dict) and "value" in body else text


def _value(node: Node) -> Json:
    if isinstance(node, ScalarNode):
        return _scalar(node)
    if isinstance(node, SequenceNode):
        return [_value(item) for item in node.value]
    assert isinstance(node, MappingNode)
    return {key.value if isinstance(key.value, str) else "?": _value(value) for key, value in node.value}


def _scalar(node: ScalarNode) -> Json:
    text: str = node.value
    if node.style or node.tag == _BINARY:
        return text
    if node.tag != _STR:
        return text
    return plain(text)


def plain(text: str) -> Json:
    """A plain scalar's value."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_START:
        return text
    try:
        if _INT.fullmatch(text):
            return _integer(text.replace("_", ""))
        return float(text.replace("_", "")) if _FLOAT.fullmatch(text) else text
    except ValueError:
        return text


def _integer(digits: str) -> int:
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    octal = digits.startswith("0") and digits[1:2].isdigit()
    return sign * int(digits, 8 if octal else 0)
