"""Secrets that stand in the repository for everybody to read. They are made up, in forms that are known."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from random import Random

from benchmarks.defects.kinds.dead import added_resource
from benchmarks.defects.kinds.kustomizations import shuffled
from benchmarks.defects.kinds.schema import variables
from benchmarks.defects.model import Kind, Place, Seed
from benchmarks.defects.site import Site
from benchmarks.defects.text import dig
from fairlead.edit.nodes import Mapping

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_BIG = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def _token(random: Random) -> str:
    """A token of a form that tells what it is."""

    def some(count: int, letters: str = _LETTERS) -> str:
        return "".join(random.choice(letters) for _ in range(count))

    digits = "0123456789"
    return random.choice(
        (
            "AKIA" + some(16, _BIG),
            "ghp_" + some(36),
            f"xoxb-{some(12, digits)}-{some(12, digits)}-{some(24)}",
            "sk_" + "live_" + some(24),
            f"SG.{some(22)}.{some(43)}",
            f"postgres://shop:{some(18)}@db.example.com:5432/shop",
            "glpat-" + some(20),
        )
    )


def _in_variable(site: Site, random: Random) -> Iterator[Seed]:
    for container in shuffled(site.containers(), random):
        for _, node in shuffled(variables(container), random)[:1]:
            yield container.source.written(node, f'"{_token(random)}"')


def _in_config_map(site: Site, random: Random) -> Iterator[Seed]:
    for source in shuffled(site.of_kind("ConfigMap"), random):
        data = dig(source.node, "data")
        if isinstance(data, Mapping) and not data.flow and data.items:
            key = data.items[0][0]
            line = " " * (key.column - 1) + f'SEEDED: "{_token(random)}"\n'
            lines = source.text.splitlines(keepends=True)
            yield source.seed("".join([*lines[: key.line - 1], line, *lines[key.line - 1 :]]), key.line)


def _secret(site: Site, random: Random) -> Iterator[Seed]:
    password = "".join(random.choice(_LETTERS) for _ in range(20))
    plain = random.random() < 0.5
    held = (
        f"stringData:\n  password: {password}\n"
        if plain
        else f"data:\n  password: {base64.b64encode(password.encode()).decode()}\n"
    )
    text = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: seeded\ntype: Opaque\n{held}"
    for files, path in added_resource(site, "seeded-secret.yaml", text):
        yield Seed(files, (Place(path, 7),))


def _generated(site: Site, random: Random) -> Iterator[Seed]:
    own = site.own
    if own is None or own.body is None or own.body.get("secretGenerator") is not None:
        return
    password = "".join(random.choice(_LETTERS) for _ in range(20))
    head = site.text(own.path)
    head = head if head.endswith("\n") else head + "\n"
    new = f"{head}secretGenerator:\n- name: seeded\n  literals:\n  - password={password}\n"
    yield Seed({own.path: new.encode()}, (Place(own.path, head.count("\n") + 4),))


def _key_file(site: Site, random: Random) -> Iterator[Seed]:
    """A private key in a ConfigMap."""
    body = "\n".join("    " + "".join(random.choice(_LETTERS + "+/") for _ in range(64)) for _ in range(8))
    begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: seeded\ndata:\n"
    text = f"{head}  key.pem: |\n    {begin}\n{body}\n    {end}\n"
    for files, path in added_resource(site, "seeded-key.yaml", text):
        yield Seed(files, (Place(path, 7),))


_S = "safety"
_TOLD = ("plaintext-secret",)
KINDS = (
    Kind("token-in-variable", _S, "a token in a variable of a container", _TOLD, _in_variable),
    Kind("token-in-configmap", _S, "a token in a ConfigMap", _TOLD, _in_config_map),
    Kind("private-key", _S, "a private key in a ConfigMap", _TOLD, _key_file),
    Kind("secret-in-clear", _S, "a Secret that anybody can read", _TOLD, _secret),
    Kind("generated-secret", _S, "a secretGenerator with a password in it", _TOLD, _generated),
)
