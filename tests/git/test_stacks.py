"""Stacks: merged from below in every way, and ended as if nothing had happened after a crash at any step."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairlead.doors.git.repository import Repository
from fairlead.forge.local import LocalForge
from fairlead.model.errors import ConflictError, FairleadError, GateClosedError
from fairlead.model.gates import GateState
from fairlead.model.pulls import Method, PullState
from fairlead.steps import merging
from fairlead.steps.gating import open_gating
from fairlead.steps.world import environments
from tests.promotions import CONFIG, Desk, everything, git, overlay, path

RULES = CONFIG.replace("production: {match: [prod]}", "production: {match: [prod], gates: {approvals: 1}}")


@pytest.fixture
def desk(tmp_path) -> Desk:
    made = Desk.make(tmp_path / "repo", "web", "api", config=RULES)
    made.change({path("dev", app): overlay("dev", "1.1.0") for app in ("web", "api")})
    return made


def stack(desk: Desk):
    return desk.promote("web", "api", through="production")


def small(desk: Desk):
    return desk.promote("web", through="production")


def merged(desk: Desk, number: int, method: Method = Method.MERGE) -> merging.Merged:
    world = desk.world
    forge = desk.forge(world)
    gating = open_gating(world, environments(world), forge)
    return merging.merge(world, forge, gating, merging.prepare(world, forge, gating, number), method)


def by_hand(desk: Desk, head: str, way: str) -> None:
    """As people do it with git alone, the trailers mangled or gone."""
    git(desk.folder, "reset", "-q", "--hard")
    if way == "squash":
        git(desk.folder, "merge", "-q", "--squash", head)
        git(desk.folder, "commit", "-q", "-m", "Bring 1.1.0 to staging")
    elif way == "rebase":
        git(desk.folder, "cherry-pick", f"main..{head}")
    else:
        git(desk.folder, "merge", "-q", "--no-ff", "-m", "Merge", head)


@pytest.mark.parametrize("hand", ["", "by hand"])
@pytest.mark.parametrize("way", ["merge", "squash", "rebase"])
def test_after_each_kind_of_merge_the_upper_is_built_again_with_its_approvals(desk, way, hand):
    low, high = stack(desk)
    desk.forge().review(high.number, "bob@x.org", approved=True)
    desk.change({"README.md": "meanwhile\n"})
    if hand:
        by_hand(desk, low.want.head, way)
        desk.forge().review(low.number, "bob@x.org", approved=True)  # it came past the gates
    tip = desk.world.git.tip("main")
    done = merged(desk, low.number, Method(way))
    assert done.pull.state is PullState.MERGED
    if hand:
        assert desk.world.git.tip("main") == tip  # nothing more to bring
        assert done.pull.merge_commit == (tip if way != "merge" else git(desk.folder, "rev-parse", "main"))
    (above,) = done.above
    assert (above.number, above.want.hop_id, above.want.below, above.want.draft) == (
        high.number, high.want.hop_id, "", False,
    )  # fmt: skip
    assert git(desk.folder, "rev-list", "--count", f"main..{above.want.head}") == "2"  # a commit an app
    assert git(desk.folder, "merge-base", "main", above.want.head) == desk.world.git.tip("main")
    end = merged(desk, high.number, Method(way))  # bob's word still counts
    assert end.pull.state is PullState.MERGED
    for app in ("web", "api"):
        assert desk.tags(app) == {"dev": "1.1.0", "staging": "1.1.0", "production": "1.1.0"}
    assert git(desk.folder, "branch", "--list", "fairlead/*") == ""
    assert git(desk.folder, "status", "--porcelain") == ""
    assert (desk.folder / "README.md").read_text() == "meanwhile\n"


@pytest.mark.parametrize("method", list(Method))
def test_the_history_of_a_merge_by_fairlead_is_linear_where_it_was_asked_to_be(desk, method):
    low, _ = stack(desk)
    begun = desk.world.git.tip("main")
    merged(desk, low.number, method)
    parents = git(desk.folder, "rev-list", "--parents", f"{begun}..main").splitlines()
    assert [len(p.split()) - 1 for p in parents] == {"merge": [2, 1, 1], "squash": [1], "rebase": [1, 1]}[method]
    told = git(desk.folder, "log", "--format=%(trailers:key=Fairlead-Promote,valueonly)", f"{begun}..main")
    assert {line for line in told.splitlines() if line} == {"web dev -> staging", "api dev -> staging"}


def test_an_upper_is_never_mergeable_before_the_lower(desk):
    low, high = stack(desk)
    assert (high.want.draft, high.want.below) == (True, low.want.key)
    desk.forge().review(high.number, "bob@x.org", approved=True)
    world = desk.world
    forge = desk.forge(world)
    results = open_gating(world, environments(world), forge).judge(forge.get(high.number))
    assert [(r.gate, r.state) for r in results if r.state is not GateState.OPEN] == [("order", GateState.WAITING)]
    with pytest.raises(GateClosedError, match="#1 must be merged before"):
        merged(desk, high.number)
    with pytest.raises(ConflictError, match="stands on #1"):  # nor by the forge alone
        forge.merge(high.number, high.want.head_oid, "bob", "Merge\n")
    forge.close(low.number, "no", "ann")
    with pytest.raises(FairleadError):
        merged(desk, high.number)


def test_each_hop_is_a_commit_an_app_on_top_of_the_lower_and_ends_with_the_trailers_of_its_text(desk):
    low, high = stack(desk)
    assert git(desk.folder, "rev-list", "--count", f"{low.want.head}..{high.want.head}") == "2"
    assert git(desk.folder, "merge-base", low.want.head, high.want.head) == low.want.head_oid
    for opened, below in ((low, "main"), (high, low.want.head)):
        told = git(desk.folder, "log", "--reverse", "--format=%B", f"{below}..{opened.want.head}").splitlines()
        ends = opened.want.body.rstrip().rpartition("\n\n")[2].splitlines()
        assert {line for line in told if line.startswith("Fairlead-")} == set(ends)


# ── crashes ──


class Died(BaseException):
    """The process ends here."""


STEPS: tuple[tuple[type, str], ...] = (
    (Repository, "move"), (Repository, "advance"), (LocalForge, "ensure"), (LocalForge, "merge"),
    (LocalForge, "_write"), (LocalForge, "_drop_branch"), (LocalForge, "close"),
)  # fmt: skip


def dying(monkeypatch: pytest.MonkeyPatch, at: int, *, after: bool) -> Callable[[], int]:
    """From now on, the process dies before or after the step of that number; says how many steps there were."""
    count = [0]

    def watch(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def step(*args: Any, **kwargs: Any) -> Any:
            count[0] += 1
            mine = count[0]
            if mine == at and not after:
                raise Died
            done = real(*args, **kwargs)
            if mine == at:
                raise Died
            return done

        monkeypatch.setattr(owner, name, step)

    for owner, name in STEPS:
        watch(owner, name)
    return lambda: count[0]


def state(folder: Path) -> dict[str, object]:
    """All refs with their commits (the records of pull requests by what they say), and the files."""
    refs = git(folder, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return {
        "refs": [r for r in refs if not r.startswith(("refs/fairlead/pulls/", "refs/fairlead/audit"))],
        "pulls": Desk(folder).forge().pulls(),
        "files": {n: v[2] for n, v in everything(folder).items() if isinstance(v, tuple) and not n.startswith(".git")},
        "status": git(folder, "status", "--porcelain"),
    }


def to_the_end(job: Callable[[], object], tries: int = 3) -> None:
    """Run it until it ends; what had been merged is no error."""
    for left in reversed(range(tries)):
        try:
            job()
        except Died:
            assert left
            continue
        return


def lower_merge(method: Method) -> Callable[[Desk], object]:
    return lambda desk: merged(desk, 1, method)


JOBS: dict[str, tuple[Callable[[Desk], object], Callable[[Desk], object]]] = {
    "promote": (lambda desk: None, small),
    "merge": (small, lower_merge(Method.MERGE)),
    "squash": (small, lower_merge(Method.SQUASH)),
    "rebase": (stack, lower_merge(Method.REBASE)),
}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("job", JOBS)
def test_a_crash_at_any_step_and_a_rerun_end_as_if_nothing_had_happened(desk, tmp_path, monkeypatch, job, after):
    first, work = JOBS[job]
    first(desk)
    alone = tmp_path / "alone"
    shutil.copytree(desk.folder, alone, symlinks=True)
    with monkeypatch.context() as patch:
        steps = dying(patch, 0, after=after)
        work(Desk(alone))
    expected = state(alone)
    assert len(expected["pulls"]) == 2
    assert steps() >= 6
    for at in range(1, steps() + 1):
        folder = tmp_path / f"{at}"
        shutil.copytree(desk.folder, folder, symlinks=True)
        git(folder, "update-index", "-q", "--refresh")
        with monkeypatch.context() as patch:
            dying(patch, at, after=after)
            with pytest.raises(Died):
                work(Desk(folder))
        to_the_end(lambda f=folder: work(Desk(f)))
        assert state(folder) == expected, f"step {at}"
        shutil.rmtree(folder)


def test_the_generation_counts_what_one_pull_request_has_carried(desk):
    def told(opened) -> list[str]:
        commits = git(desk.folder, "log", "--format=%(trailers:key=Fairlead-Generation)", f"main..{opened.want.head}")
        return [*commits.split("\n"), opened.want.body.splitlines()[-1]]

    (first,) = desk.promote("web")
    assert [line for line in told(first) if line] == ["Fairlead-Generation: 1"] * 2
    (again,) = desk.promote("web")
    assert again == first
    desk.set("1.2.0")
    (second,) = desk.promote("web")
    assert (second.number, set(told(second)) - {""}) == (first.number, {"Fairlead-Generation: 2"})
    (same,) = desk.promote("web")
    assert same.want.head_oid == second.want.head_oid
