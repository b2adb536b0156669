"""Promote: plan, assess, apply. The command line asks between the three."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fairlead.delivery.commits import trailer_lines
from fairlead.delivery.deliver import Words, deliver, key, moving
from fairlead.delivery.refusals import refuse_false, refuse_overlap, refuse_stale, refuse_strayed
from fairlead.edit.splice import spliced
from fairlead.model.errors import ConflictError, GateClosedError, UsageError
from fairlead.model.plan import Hop, Plan
from fairlead.model.pulls import Draft, Forge, Method, Pull
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.promotion import trailers
from fairlead.promotion.message import UNSAID, Message
from fairlead.promotion.plan_json import load
from fairlead.repo.apps import environment_of, stage_of
from fairlead.repo.config import Config
from fairlead.report.pull_text import asked, body, title
from fairlead.steps import auto_merging
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.drafting import waits
from fairlead.steps.evidence import MARKER, publish
from fairlead.steps.joining import close_joined, joined
from fairlead.steps.planning import Planned, make_plan
from fairlead.steps.reviewers import reviewers
from fairlead.steps.routes import Request
from fairlead.steps.soaking import Staying, left_out, staying
from fairlead.steps.world import World, environments

if TYPE_CHECKING:
    from fairlead.steps.verify import Evidence


@dataclass(frozen=True)
class Proposal:
    """A plan with its evidence, ready to be shown and applied."""

    chronicle: Chronicle
    planned: Planned
    evidence: tuple[Evidence, ...]

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.planned.plan


def plan(world: World, request: Request, forge: Forge) -> tuple[Chronicle, Planned]:
    """Plan a promotion; nothing is rendered and nothing changes."""
    chronicle = Chronicle(world, environments(world), forge.pulls())
    return chronicle, make_plan(chronicle, request)


def assessed(chronicle: Chronicle, planned: Planned) -> Proposal:
    """Render before and after, check the result. Raises WorldError where there is no kustomize."""
    # Rules and engines double the time to start, and a prompt, an error or --explain needs neither.
    from fairlead.steps.rendering import opened
    from fairlead.steps.verify import assess

    world = chronicle.world
    with opened(world) as engine:
        return Proposal(chronicle, planned, assess(world.run, engine, chronicle.environments, planned))


def from_file(world: World, forge: Forge, data: bytes, name: str) -> tuple[Chronicle, Planned]:
    """A plan as it was written: exactly this, or an error that says why not.

    Raises:
        UsageError: it is no plan, or was edited.
        ConflictError: stale: the branch, the configuration or a file moved since.
    """
    _, made = load(data, name)
    repo = world.git
    chronicle = Chronicle(world, environments(world), forge.pulls())
    here = chronicle.environments
    if here.branch != made.target_branch:
        raise UsageError(f"the plan is for the branch {made.target_branch!r}, this is {here.branch!r}")
    refuse_stale(repo, made, here.commit)
    refuse_false(repo, made)
    if here.config.oid != made.config_oid:
        raise ConflictError(
            "the plan is stale: fairlead.yaml changed since it was made",
            remedy="make a fresh plan and look at it again",
        )
    refuse_strayed(here.layout, made, lambda env: here.config.environment(env).words)
    states: list[tuple[Snapshot, Snapshot]] = []
    reached: dict[str, Snapshot] = {}
    for hop in made.hops:
        state = reached.get(hop.source, here.snapshot)
        after = state.with_files(spliced(state, [c for a in hop.apps for c in a.changes()]))
        states.append((state, after))
        reached[hop.target] = after
    return chronicle, Planned(made, tuple(states))


def words(proposal: Proposal, hop: Hop, evidence: Evidence, said: Message = UNSAID) -> Words:
    """Title, text and reviewers of a hop's pull request; of several with one title, each says where it leads."""
    made = proposal.plan
    text = body(
        made.verb, hop, evidence.changed, evidence.findings, trailer_lines(made, hop, hop.apps),
        reason=made.reason, unrendered=evidence.unrendered,
        asked=_asked(proposal.chronicle.environments.config, hop),
    )  # fmt: skip
    head = f"{said.title} ({hop.target})" if said.title and len(moving(made)) > 1 else said.title
    asked_for = reviewers(proposal.chronicle.environments, hop, proposal.chronicle.world.actor)
    return Words(head or title(made.verb, hop), f"{said.text}\n\n{text}" if said.text else text, asked_for)


def _asked(config: Config, hop: Hop) -> tuple[str, ...]:
    """What must be true before a hop's merge, by the gates of its environment and those that its apps have."""
    apps = tuple(a.app for a in hop.apps if a.changes())
    beside = dict.fromkeys(env for app in apps for env in stage_of(config, app, hop.source) if env != hop.source)
    return asked(hop.source, environment_of(config, hop.target, apps), tuple(beside))


def stays(chronicle: Chronicle, plan: Plan, forge: Forge, supersede: str = "") -> tuple[Staying, ...]:
    """The open pull requests that wait to have soaked, and that applying this plan would leave as they are.

    `supersede` is `soaked` or `newest`; empty: as the configuration says.
    """
    wish = supersede or chronicle.environments.config.promote.supersede
    return () if wish == "newest" else staying(chronicle, forge, plan)


def join(
    chronicle: Chronicle, planned: Planned, request: Request, forge: Forge, supersede: str = ""
) -> tuple[Planned, tuple[Pull, ...]]:
    """The plan with all apps of the open promotions that it overlaps, and those, which it takes the place of.

    Raises:
        ConflictError: see `joining.joined`.
    """
    wish = supersede or chronicle.environments.config.promote.supersede
    return joined(chronicle, planned, request, forge, newest=wish == "newest")


def refuse_overlapping(
    plan: Plan, forge: Forge, stay: tuple[Staying, ...] = (), instead: tuple[Pull, ...] = ()
) -> None:
    """Say before anybody is asked what applying would refuse: another open promotion of the same app. ConflictError."""
    without = left_out(plan, stay)
    hops = [(key(plan, hop), hop) for hop in moving(plan) if hop.id not in without]
    refuse_overlap(forge.pulls(open_only=True), hops, [pull.number for pull in instead])


def see(chronicle: Chronicle, planned: Planned) -> None:
    """Put on record that what the sources run was seen now, so that it can soak."""
    chronicle.observe(a.source_path for h in planned.plan.hops for a in h.apps)


def refuse_errors(proposal: Proposal) -> None:
    """Nothing is done with a result that has errors, or differs where no edit says why. Raises GateClosedError."""
    errors = [f for e in proposal.evidence for f in e.errors]
    if errors:
        raise GateClosedError(
            f"the result has {len(errors)} errors: {errors[0].message}",
            where=errors[0].where,
            remedy=errors[0].remedy,
        )
    _refuse_unexplained(proposal)


def apply(
    proposal: Proposal,
    forge: Forge,
    said: Message = UNSAID,
    *,
    supersede: str = "",
    auto: bool | None = None,
    instead: tuple[Pull, ...] = (),
) -> tuple[Pull, ...]:
    """Build the commits, move one ref a hop, open or update the pull requests; `said` are a person's own words.

    Among the pull requests are those that stay as they are. `auto`: whether they are to be merged as soon as their
    gates are open; None: as the environment says. Those in `instead` are joined, and closed.

    Raises:
        GateClosedError: see `refuse_errors`; nothing is done.
        ConflictError: something moved meanwhile.
    """
    refuse_errors(proposal)
    _refuse_new_rules(proposal)
    hops = moving(proposal.plan)
    both = zip(proposal.plan.hops, proposal.evidence, strict=True)
    texts = [words(proposal, hop, evidence, said) for hop, evidence in both if hop in hops]
    world = proposal.chronicle.world
    see(proposal.chronicle, proposal.planned)
    stay = stays(proposal.chronicle, proposal.plan, forge, supersede)
    without = left_out(proposal.plan, stay)
    before = {p.number: p.want for p in forge.pulls(open_only=True)}
    texts = _drafted(proposal, forge, hops, texts, before)
    pulls = deliver(world.git, forge, proposal.plan, texts, world.actor, without=without, instead=instead)
    close_joined(forge, pulls, instead, world.actor)
    told = (*(s.pull for s in stay), *_judged(proposal.chronicle, forge, pulls, before, auto))
    forge.share()
    return told


def _drafted(
    proposal: Proposal, forge: Forge, hops: Sequence[Hop], texts: Sequence[Words], before: Mapping[int, Draft]
) -> list[Words]:
    """The words of each, with whether it is opened as a draft; what is open already stays what it is."""
    from fairlead.steps.gating import open_gatherer  # see `assessed`: the rules are behind it

    there = {want.hop_id: want.draft for want in before.values()}
    gatherer = open_gatherer(proposal.chronicle, forge)
    return [
        replace(text, draft=there[hop.id] if hop.id in there else waits(gatherer, proposal.plan, hop))
        for hop, text in zip(hops, texts, strict=True)
    ]


def _judged(
    chronicle: Chronicle, forge: Forge, pulls: Iterable[Pull], before: Mapping[int, Draft], auto: bool | None
) -> Iterator[Pull]:
    """Say in new and changed pull requests how their gates stand, those that need nothing rendered."""
    from fairlead.steps.gating import open_gating  # see `assessed`: the rules are behind it

    world, now = chronicle.world, chronicle.world.run.clock.now()
    gating = open_gating(world, chronicle.environments, forge)
    for pull in pulls:
        was = before.get(pull.number)
        if pull.want == was and any(c.marker == MARKER for c in pull.comments):
            judged = pull
        else:
            judged = publish(forge, pull, gating.judge(pull, quick=True), now, world.actor)
        new = was is None or was.hop_id != pull.want.hop_id
        method = _method(chronicle.environments.config, pull, auto if auto is not None else None if new else False)
        yield judged if method is None else auto_merging.ask(world, forge, judged, method)


def _method(config: Config, pull: Pull, auto: bool | None) -> Method | None:
    """How a promotion is to be merged by itself; None where people merge it."""
    envs = [act.target for act in trailers.read(pull.want.body).acts]
    said = config.environment(envs[0]).auto_merge if envs else ""
    return Method(said or "merge") if auto or (auto is None and said) else None


def _refuse_new_rules(proposal: Proposal) -> None:
    here, repo = proposal.chronicle.environments, proposal.chronicle.world.git
    found = repo.git.find(f"refs/heads/{here.branch}:{here.config.path}")
    if found is None or found[0] != proposal.plan.config_oid:
        raise ConflictError(
            f"the plan is stale: {here.config.path} changed since it was made",
            remedy="make a fresh plan and look at it again",
        )


def _refuse_unexplained(proposal: Proposal) -> None:
    found = [u for e in proposal.evidence for u in e.unexplained]
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise GateClosedError(
            f"the rendering changes where no edit says why: {found[0]}{more}",
            remedy="the plan moves other values; render the overlay twice (fairlead render APP ENV): if it is another "
            "each time, make it fixed; else leave the unit out with --exclude, or change this by a commit of its own",
        )
