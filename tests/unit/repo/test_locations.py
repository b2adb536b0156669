"""Schema locations in kubeconform's template syntax."""

from __future__ import annotations

import pytest

from fairlead.model.errors import ConfigError
from fairlead.repo import config
from fairlead.repo.locations import CATALOG, location


@pytest.mark.parametrize(
    ("written", "api", "kind", "path"),
    [
        (f"schemas/{CATALOG}", "example.com/v1", "Widget", "schemas/example.com/widget_v1.json"),
        ("s/{{.ResourceKind}}{{.KindSuffix}}.json", "apps/v1", "Deployment", "s/deployment-apps-v1.json"),
        ("s/{{.ResourceKind}}{{.KindSuffix}}.json", "v1", "Service", "s/service-v1.json"),
        ("s", "policy.example.com/v1", "Rule", "s/v1.34.0-standalone-strict/rule-policy-v1.json"),
        ("s/{{ .NormalizedKubernetesVersion }}{{- .StrictSuffix -}}/a.json", "v1", "Pod", "s/v1.34.0-strict/a.json"),
        (f"../schemas/{CATALOG}", "example.com/v1", "Widget", "schemas/example.com/widget_v1.json"),
        (f"https://example.com/{CATALOG}", "a.io/v1", "B", "https://example.com/a.io/b_v1.json"),
    ],
)
def test_a_template_leads_where_kubeconform_looks(written: str, api: str, kind: str, path: str) -> None:
    assert location(written, "ops" if written.startswith("..") else "").of(api, kind, "1.34") == path


@pytest.mark.parametrize(("api", "kind"), [("../x/v1", "A"), ("a/v1", "../../etc/passwd"), ("", "A"), ("a/v1", "")])
def test_what_is_no_name_of_a_kind_leads_nowhere(api: str, kind: str) -> None:
    assert location(f"schemas/{CATALOG}", "").of(api, kind, "1.34") is None


@pytest.mark.parametrize(
    ("written", "message", "remedy"),
    [
        ("s/{{ .Zone }}.json", "unknown field .Zone", "known are: .NormalizedKubernetesVersion"),
        ("s/{{ .ResorceKind }}.json", "unknown field .ResorceKind", "did you mean 'ResourceKind'?"),
        ("s/{{ if .Group }}a{{ end }}.json", "more than a template of fields", "write it like schemas/"),
        ("http://example.com/a.json", "fetched by http", "an https URL"),
        ("../schemas", "leads out of the repository", "fairlead schemas vendor --from"),
        ("/schemas", "leads out of the repository", "fairlead schemas vendor --from"),
    ],
)
def test_what_can_not_be_looked_up_is_refused_at_its_place(written: str, message: str, remedy: str) -> None:
    text = f"version: 1\nenvironments: {{dev: {{}}}}\ncheck:\n  schema_locations:\n  - '{written}'\n"
    with pytest.raises(ConfigError) as told:
        config.read(text.encode())
    assert message in str(told.value)
    assert told.value.remedy is not None
    assert remedy in told.value.remedy
    assert str(told.value.where) == "fairlead.yaml:5:5"
