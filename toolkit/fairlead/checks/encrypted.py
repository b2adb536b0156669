"""What SOPS encrypts in place: the values of an object, beside which it writes how it did so."""

from __future__ import annotations

from typing import Any

from fairlead.checks.objects import Json

_OWN = "sops"


def is_encrypted(body: dict[str, Any]) -> bool:
    """Whether an object stands as SOPS wrote it; the controller decrypts it before it is applied."""
    own = body.get(_OWN)
    return isinstance(own, dict) and "mac" in own


def decrypted(body: dict[str, Any]) -> dict[str, Any]:
    """An object as it is applied, but for its encrypted values: without what SOPS wrote beside them."""
    return {key: value for key, value in body.items() if key != _OWN} if is_encrypted(body) else body


def is_cipher(value: Json) -> bool:
    """Whether a value is encrypted, so that its type is not known."""
    return isinstance(value, str) and value.startswith("ENC[") and value.endswith("]")
