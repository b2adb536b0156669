"""Keys that name what belongs to an environment: sizes, places, addresses, accounts, credentials."""

from __future__ import annotations

from fairlead.model.plan import FieldClass
from fairlead.promotion.views import Claim, Surroundings, View

_OWNED = frozenset(
    (
        "replicas", "limits", "requests", "cpu", "memory", "storage", "size", "count",
        "min", "max", "schedule", "host", "hosts", "hostname", "domain", "domains",
        "url", "urls", "uri", "endpoint", "endpoints", "address", "namespace", "cluster",
        "account", "region", "zone", "zones", "email", "password", "secret", "credential",
        "credentials", "token", "key", "username", "user", "arn", "bucket", "project",
        "tenant", "issuer", "audience", "subscription", "vault", "capacity", "quota", "retention",
        "interval", "timeout", "environment", "env", "stage", "tier", "instance", "instances",
        "ip", "cidr", "port", "loglevel", "uuid", "guid", "dns", "fqdn",
        "server", "servers", "broker", "brokers", "database",
    )
)  # fmt: skip


def claim(view: View, around: Surroundings) -> Claim | None:
    """Claim by the key's last word, or by a map that is about sizes and places."""
    named = bool(view.words) and (view.words[-1] in _OWNED or "".join(view.words) in _OWNED)
    inside = bool({"limits", "requests", "nodeSelector", "tolerations"} & set(view.pair.keys[:-1]))
    scaled = bool(view.words) and view.words[0] in ("min", "max") and len(view.words) > 1
    if not (named or inside or scaled):
        return None
    reason = f"{view.name or view.pair.field} belongs to the environment"
    return Claim("owned-names", FieldClass.OWNED, reason, view.old, view.new, None)
