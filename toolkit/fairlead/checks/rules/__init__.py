"""All rules, in the order of the manual. A new rule is a file here and a line in the tuple."""

from __future__ import annotations

from types import ModuleType

from fairlead.checks.rules import (
    build_failure,
    colliding_object,
    cycle,
    dangling_reference,
    dead_image,
    dead_patch,
    dead_replacement,
    deprecated_field,
    duplicate_entry,
    duplicate_key,
    field_pattern,
    foreign_namespace,
    ignore_comment,
    lfs_pointer,
    missing_file,
    mutable_tag,
    no_schema,
    patch_without_effect,
    policy,
    remote_base,
    schema,
    unknown_kustomization_key,
    unread_file,
    unreadable_file,
    unused_base,
    unused_generator,
    wrong_type,
)

# Groups in the order of the manual, with what they are about. A rule stands in one of them.
GROUPS: dict[str, str] = {
    "builds": "does it build, and as it was meant?",
    "dead": "what has no effect",
    "schema": "would Kubernetes accept it?",
    "environment": "does it fit its environment, and the others?",
    "safety": "is it fixed, safe and whole?",
    "controllers": "what Argo CD and Flux are told",
    "custom": "your own rules",
}

RULES: tuple[ModuleType, ...] = (
    build_failure,
    missing_file,
    lfs_pointer,
    unreadable_file,
    unknown_kustomization_key,
    wrong_type,
    cycle,
    remote_base,
    duplicate_key,
    duplicate_entry,
    deprecated_field,
    dead_patch,
    patch_without_effect,
    dead_image,
    dead_replacement,
    schema,
    no_schema,
    mutable_tag,
    dangling_reference,
    foreign_namespace,
    colliding_object,
    field_pattern,
    policy,
    unread_file,
    unused_base,
    unused_generator,
    ignore_comment,
)
