"""A secret that stands in the repository for everybody to read.

Tokens, private keys and passwords in URLs, by the patterns of
[detect-secrets](https://github.com/Yelp/detect-secrets), in all files that overlays read; and `kind: Secret` or
`secretGenerator` with values that are neither encrypted nor placeholders. Who can read the repository, or its history,
can use them: change them where they are used, and take them from elsewhere (SOPS, SealedSecret, ExternalSecret). A line
that is fine says why: `# fairlead: ignore[plaintext-secret] ...`, or `# pragma: allowlist secret`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.checks import secrets
from fairlead.checks.context import REPOSITORY, Example, Shared
from fairlead.checks.patches import text_of
from fairlead.checks.sources import maps
from fairlead.edit.nodes import MAX_BYTES, Mapping, Scalar, Sequence
from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.patterns import pattern

ID = "plaintext-secret"
GROUP = "safety"
SEVERITY = Severity.ERROR
SCOPE = REPOSITORY

_SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\nstringData:\n  password: %s\n"
_KUSTOMIZATION = "resources:\n- secret.yaml\n"
BAD = Example(
    {"overlays/dev/kustomization.yaml": _KUSTOMIZATION, "overlays/dev/secret.yaml": _SECRET % "s4lt-and-p3pper"}
)
GOOD = Example(
    {"overlays/dev/kustomization.yaml": _KUSTOMIZATION, "overlays/dev/secret.yaml": _SECRET % "${WEB_PASSWORD}"}
)
_TELLS = "it is readable by everyone who can read the repository"
_REMEDY = "change it where it is used, and take it from elsewhere: SOPS, a SealedSecret, an ExternalSecret"
_CREDENTIAL = pattern(
    r"pass(?:word|wd|phrase)?$|pwd|token|secret|credential|private|api[-_.]?key|access[-_.]?key|auth|dsn|\.key$|^key$|cert",
    re.IGNORECASE,
)
_PUBLIC_CERTIFICATE = "-----BEGIN CERTIFICATE-----"
_PUBLIC_ID = pattern(r"(?:_|-|\.|^)(?:id|name|url|uri|host|port|user(?:name)?|type|email|path|file|region)$", re.I)


def check(shared: Shared) -> Iterator[Finding]:
    """Look at every file that is read, and at what Secrets hold."""
    for path in shared.yaml_files:
        data = shared.sources.data(path)
        if data is None or len(data) > MAX_BYTES or _sealed(data):
            continue
        told = set()
        for finding in _in_text(path, data):
            told.add(finding.where.line)
            yield finding
        if b"Secret" in data:
            lines = data.splitlines()
            for body in maps(shared.sources.stream(path)):
                for finding in _in_object(path, body):
                    line = finding.where.line
                    if line not in told and not secrets.marked(b"".join(lines[line - 1 : line])):
                        yield finding
    for node in shared.kustomizations:
        entries = node.body.get("secretGenerator") if node.body is not None else None
        for entry in entries.items if isinstance(entries, Sequence) else ():
            if isinstance(entry, Mapping):
                yield from _in_literals(node.path, entry)
        for reference in node.references:
            if reference.kind in ("configMapGenerator", "secretGenerator") and reference.path and not reference.is_dir:
                yield from _in_file(shared, reference.path, whole=reference.kind == "secretGenerator")


def _sealed(data: bytes) -> bool:
    """Whether SOPS has encrypted it."""
    return b"sops" in data and re.search(rb"(?m)^(?:sops:|sops_\w+=|\s+\"?sops\"?:)", data) is not None


def _in_text(path: str, data: bytes) -> Iterator[Finding]:
    for line, column, kind in secrets.found(data):
        article = "an" if kind[0] in "AEIO" else "a"
        yield _finding(Where(path, line, column), f"{article} {kind} stands here: {_TELLS}")


def _in_file(shared: Shared, path: str, *, whole: bool) -> Iterator[Finding]:
    data = shared.sources.data(path)
    if data is None or len(data) > MAX_BYTES or b"\0" in data or _sealed(data):
        return
    told = set()
    for finding in _in_text(path, data):
        told.add(finding.where.line)
        yield finding
    if whole:
        yield from (f for f in _in_lines(path, data) if f.where.line not in told)


def _in_lines(path: str, data: bytes) -> Iterator[Finding]:
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        key, equals, value = line.partition("=")
        if equals and re.fullmatch(r"\s*[\w.-]+", key) and _tells(key.strip(), value):
            where = Where(path, number, len(key) + 2)
            yield _finding(where, f"{key.strip()} of a generated Secret is in plain: {_TELLS}")


def _in_object(path: str, body: Mapping) -> Iterator[Finding]:
    if text_of(body, "kind") != "Secret" or text_of(body, "apiVersion") != "v1":
        return
    meta = body.get("metadata")
    name = text_of(meta, "name") if isinstance(meta, Mapping) else ""
    for part in ("stringData", "data"):
        held = body.get(part)
        for key, value in held.items if isinstance(held, Mapping) else ():
            if isinstance(value, Scalar) and _tells(
                key.value, _decoded(value.value) if part == "data" else value.value
            ):
                where = Where(path, value.line, value.column)
                encoded = ", only encoded (base64)" if part == "data" else ""
                yield _finding(where, f"{key.value} of Secret/{name} is in plain{encoded}: {_TELLS}")
                break


def _in_literals(path: str, entry: Mapping) -> Iterator[Finding]:
    literals = entry.get("literals")
    for item in literals.items if isinstance(literals, Sequence) else ():
        if isinstance(item, Scalar):
            key, _, value = item.value.partition("=")
            if _tells(key, value):
                where = Where(path, item.line, item.column)
                yield _finding(where, f"{key} of the generated Secret {text_of(entry, 'name')} is in plain: {_TELLS}")


def _tells(key: str, value: str) -> bool:
    """Whether a value of this name is a secret, and written out."""
    if secrets.stands_for(value) or value.lstrip().startswith(_PUBLIC_CERTIFICATE):
        return False
    return _CREDENTIAL.search(key) is not None and _PUBLIC_ID.search(key) is None


def _decoded(value: str) -> str:
    import base64
    import binascii

    try:
        return base64.b64decode("".join(value.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return value


def _finding(where: Where, message: str) -> Finding:
    return Finding(ID, SEVERITY, message, _REMEDY, where)
