"""doctor tells what the gate health and the webhooks need, and never a webhook's URL."""

from __future__ import annotations

import pytest

from fairlead.model.errors import ConfigError
from fairlead.repo.config import read
from fairlead.steps.world import Run
from fairlead.workflows import doctor
from tests.promotions import CONFIG
from tests.support import new_repo


@pytest.fixture
def lines(tmp_path):
    def of(more: str) -> list[str]:
        gates = "production: {match: [prod], gates: {health: {}}}"
        config = CONFIG.replace("production: {match: [prod]}", gates) + more
        new_repo(tmp_path / "repo", {"fairlead.yaml": config, "apps/web/overlays/dev/kustomization.yaml": ""})
        found = doctor.examine(Run(tmp_path / "repo"))
        return [f"{one.what}: {one.state} {one.remedy}".strip() for one in found if one.what in ("kubectl", "webhook")]

    return of


def test_without_kubectl_it_says_so(lines, monkeypatch):
    monkeypatch.setattr(doctor, "which", lambda name: None if name == "kubectl" else f"/usr/bin/{name}")
    (kubectl,) = lines("")
    assert kubectl == "kubectl: missing the gate health waits without it: install it, or put it on PATH"


def test_webhooks_are_told_by_the_names_of_their_variables(lines, monkeypatch):
    monkeypatch.setattr(doctor, "which", lambda _: None)
    monkeypatch.setenv("ODD_WEBHOOK", "hush-hush")
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "https://hooks.example.com/hush-hush")
    found = lines("notify: [{url_env: SLACK_WEBHOOK_URL}, {url_env: ODD_WEBHOOK}, {url_env: NO_WEBHOOK}]\n")
    assert found[1:] == [
        "webhook: SLACK_WEBHOOK_URL is set",
        "webhook: ODD_WEBHOOK holds no https URL give it the URL as it was made; see `notify:`",
        "webhook: NO_WEBHOOK is not set: nothing is sent",
    ]


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY", "FAIRLEAD_TOKEN", "PATH", "webhook"])
def test_no_other_variable_is_taken_for_an_address(name):
    with pytest.raises(ConfigError, match="does not match") as caught:
        read(f"{CONFIG}notify: [{{url_env: {name}}}]\n".encode())
    assert "its name has WEBHOOK in it, or begins with FAIRLEAD_NOTIFY" in str(caught.value.remedy)
