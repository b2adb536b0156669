"""Overlays of one repository that may do different things: each is rendered, and remembered, by its own rules."""

from __future__ import annotations

from fairlead.model.rendering import Rendered, RenderFailed, Trial
from fairlead.model.snapshot import MemorySnapshot
from fairlead.repo.remotes import BuildOverride, BuildRules, RemoteRule
from tests.unit.render.conftest import Make

_BESIDE = "configMapGenerator: [{name: c, files: [../beside.txt]}]\n"
_FILES = {
    "infra/dns/kustomization.yaml": _BESIDE,
    "infra/mail/kustomization.yaml": _BESIDE,
    "web/kustomization.yaml": _BESIDE,
    "infra/beside.txt": "x\n",
    "beside.txt": "x\n",
}


def test_the_last_override_that_fits_the_folder_counts_and_leaves_what_it_does_not_name() -> None:
    rules = BuildRules(
        helm=True,
        remote=(RemoteRule("https://example.com/a"),),
        overrides=(
            BuildOverride(("infra/*",), unrestricted=True),
            BuildOverride(("infra/dns",), helm=False, remote=()),
        ),
        root="ops",
    )
    plain = BuildRules(helm=True, remote=(RemoteRule("https://example.com/a"),))
    assert rules.of("ops/web") == plain
    assert rules.of("infra/mail") == plain
    assert rules.of("ops/infra/mail") == BuildRules(True, True, plain.remote)
    assert rules.of("ops/infra/dns/prod") == BuildRules(True, False, ())


def test_each_overlay_is_rendered_by_the_rules_of_its_folder(make: Make) -> None:
    snapshot = MemorySnapshot.of(_FILES)
    rules = BuildRules(overrides=(BuildOverride(("infra/*",), True), BuildOverride(("infra/mail",), False)))
    engine = make(2).under(rules)
    counted: list[int] = []
    engine.on_result = lambda: counted.append(1)
    dns, web, mail = engine.render(tuple(Trial(snapshot, f) for f in ("infra/dns", "web", "infra/mail")))
    assert isinstance(dns, Rendered)
    assert isinstance(web, RenderFailed)
    assert isinstance(mail, RenderFailed)
    assert "security" in web.message
    assert len(counted) == 3
