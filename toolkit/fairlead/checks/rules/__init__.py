"""All rules, in the order of the manual. A new rule is a file here and a line in the tuple."""

from __future__ import annotations

from types import ModuleType

from fairlead.checks.rules import (
    build_failure,
    cycle,
    dead_image,
    dead_patch,
    duplicate_key,
    foreign_namespace,
    lfs_pointer,
    missing_file,
    mutable_tag,
    no_schema,
    remote_base,
    schema,
    unknown_kustomization_key,
    unread_file,
    unreadable_file,
)

RULES: tuple[ModuleType, ...] = (
    build_failure,
    missing_file,
    lfs_pointer,
    unreadable_file,
    unknown_kustomization_key,
    cycle,
    remote_base,
    duplicate_key,
    dead_patch,
    dead_image,
    schema,
    no_schema,
    mutable_tag,
    foreign_namespace,
    unread_file,
)
