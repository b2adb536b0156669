"""Pages for a site: an index with apps x environments, and a page for every app."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from fairlead.model.values import dataclass
from fairlead.report.site import diagram, markup, sheets
from fairlead.report.site.differences import ABSENT, Difference, differences
from fairlead.report.site.markup import code, details, pill, text
from fairlead.report.site.sheets import Sheet

FOLDER = "environments"
STYLE = f"{FOLDER}/fairlead.css"
MOST_ROWS = 200


@dataclass(frozen=True)
class Stage:
    """An environment as the configuration has it; `gates` in words."""

    name: str
    kubernetes: str
    protected: bool
    gates: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """What the pages are made from. `source` says which state they show, a chain's stage may be a wave."""

    title: str
    source: str
    stages: tuple[Stage, ...]
    chains: tuple[tuple[tuple[str, ...], ...], ...]
    sheets: tuple[Sheet, ...]

    @property
    def hops(self) -> tuple[tuple[str, str], ...]:
        """Neighbouring environments of all chains."""
        steps = (step for chain in self.chains for step in pairwise(chain))
        return tuple(dict.fromkeys((a, b) for before, after in steps for a in before for b in after))

    def apps(self) -> tuple[str, ...]:
        """All apps by name."""
        return tuple(sorted({sheet.app for sheet in self.sheets}))

    def of(self, app: str) -> tuple[Sheet, ...]:
        """An app's overlays, in the order of the environments."""
        order = {stage.name: place for place, stage in enumerate(self.stages)}
        mine = (sheet for sheet in self.sheets if sheet.app == app)
        return tuple(sorted(mine, key=lambda sheet: (order.get(sheet.env, len(order)), sheet.cluster)))

    def before(self, env: str) -> tuple[str, ...]:
        """The environments from which it is promoted into this one."""
        return tuple(source for source, target in self.hops if target == env)


def pages(facts: Facts) -> dict[str, str]:
    """Every page and what they need, by its path in the docs folder."""
    made = {f"{FOLDER}/index.md": _index(facts), STYLE: CSS}
    for app, page in names(facts).items():
        made[f"{FOLDER}/{page}"] = _app(facts, app)
    return made


def names(facts: Facts) -> dict[str, str]:
    """App -> file of its page."""
    out: dict[str, str] = {}
    for app in facts.apps():
        stem = re.sub(r"[^A-Za-z0-9.-]+", "-", app).strip(".-") or "app"
        while f"{stem}.md" in out.values() or stem.lower() in ("index", "readme"):
            stem += "-app"
        out[app] = f"{stem}.md"
    return out


def navigation(facts: Facts) -> list[dict[str, str]]:
    """The pages as mkdocs' `nav` takes them."""
    index = [{"Overview": f"{FOLDER}/index.md"}]
    return index + [{app: f"{FOLDER}/{page}"} for app, page in names(facts).items()]


# ── the index ──


def _index(facts: Facts) -> str:
    titles = tuple(dict.fromkeys(sheet.title for app in facts.apps() for sheet in facts.of(app)))
    order = {stage.name: place for place, stage in enumerate(facts.stages)}
    titles = tuple(sorted(titles, key=lambda title: order.get(title.partition("/")[0], len(order))))
    files = names(facts)
    rows = []
    for app in facts.apps():
        by_title = {sheet.title: sheet for sheet in facts.of(app)}
        cells = [_version(facts, by_title.get(title)) for title in titles]
        rows.append([f"**[{text(app)}]({files[app]})**", *cells])
    broken = sum(bool(sheet.failure) for sheet in facts.sheets)
    parts = [
        "# Environments\n",
        f"Applications: {len(facts.apps())}. Environments: {len(facts.stages)}. {text(facts.source)}.\n",
        *(_chain(chain) for chain in facts.chains),
        f'<p class="fl-failure">Overlays that do not build: {broken}. See their pages.</p>\n' if broken else "",
        "## What runs where\n",
        markup.table(["application", *(text(title) for title in titles)], rows),
        f"A version marked {pill('new', 'ahead')} has not yet reached the next environment.\n" if facts.hops else "",
        "## The way to production\n" if facts.hops else "## The environments\n",
        markup.table(
            ["environment", "promoted from", "what must be true before", "Kubernetes"],
            [
                [
                    pill(stage.name, "protected" if stage.protected else ""),
                    text(", ".join(facts.before(stage.name)) or "—"),
                    text("; ".join(stage.gates) or "—"),
                    text(stage.kubernetes),
                ]
                for stage in facts.stages
            ],
        ),
    ]
    return "\n".join(part for part in parts if part)


def _chain(chain: tuple[tuple[str, ...], ...]) -> str:
    stages = (" ".join(pill(env) for env in stage) for stage in chain)
    arrow = ' <span class="fl-arrow">→</span> '
    return f'<p class="fl-chain">{arrow.join(stages)}</p>\n'


def _version(facts: Facts, sheet: Sheet | None) -> str:
    if sheet is None:
        return "—"
    if sheet.failure:
        return pill("does not build", "bad")
    found = sheets.images(sheet)
    if not found:
        return '<span class="fl-quiet">no image</span>'
    after = [other for source, target in facts.hops if source == sheet.env for other in facts.of(sheet.app)
             if other.env == target and not other.failure]  # fmt: skip
    lines = []
    for image in dict.fromkeys((image.name, image.tag) for image in found):
        there = [{i.tag for i in sheets.images(other) if i.name == image[0]} for other in after]
        ahead = any(tags and image[1] not in tags for tags in there)
        short = image[0].rpartition("/")[2]
        label = code(image[1] or "no tag") + (f' <span class="fl-quiet">{text(short)}</span>' if len(found) > 1 else "")
        lines.append(label + (" " + pill("new", "ahead") if ahead else ""))
    return _lines(lines)


# ── an app ──


def _app(facts: Facts, app: str) -> str:
    mine = facts.of(app)
    good = [sheet for sheet in mine if not sheet.failure]
    parts = [f"# {text(app)}\n", f"{text(facts.source)}.\n", _glance(mine)]
    hops = [(a, b) for source, target in facts.hops for a in good if a.env == source for b in good if b.env == target]
    if hops:
        parts.append("## What differs\n")
        parts += [_between(a, b) for a, b in hops]
    parts += [_environment(sheet) for sheet in mine]
    return "\n".join(part for part in parts if part)


def _glance(mine: tuple[Sheet, ...]) -> str:
    def row(title: str, cells: list[str]) -> list[str]:
        return [f"**{title}**", *(cell or "—" for cell in cells)]

    rows = [
        row("version", [_lines(f"{code(i.tag or 'no tag')}" for i in sheets.images(s)) for s in mine]),
        row("replicas", [_lines(text(n) for _, n in sheets.replicas(s)) for s in mine]),
        row(
            "resources",
            [_lines(text(line).replace("; ", "<br>") for _, line in sheets.resources(s)) for s in mine],
        ),
        row("host", [_lines(code(h) for h in sheets.hosts(s)) for s in mine]),
        row("namespace", [_lines(code(n) for n in sheets.namespaces(s)) for s in mine]),
    ]
    keys = dict.fromkeys((stem, key) for sheet in mine for stem, key, _ in sheets.configuration(sheet))
    for stem, key in list(keys)[:MOST_ROWS]:
        values = [next((v for s, k, v in sheets.configuration(m) if (s, k) == (stem, key)), "") for m in mine]
        rows.append([code(key), *(code(value) or "—" for value in values)])
    kept = [cells for cells in rows if any(cell != "—" for cell in cells[1:])]
    return markup.table(["", *(f"[{text(sheet.title)}](#{_anchor(sheet)})" for sheet in mine)], kept)


def _lines(cells: Iterable[str]) -> str:
    return "<br>".join(dict.fromkeys(cells))


def _anchor(sheet: Sheet) -> str:
    return "env-" + re.sub(r"[^a-z0-9]+", "-", sheet.title.lower()).strip("-")


def _between(source: Sheet, target: Sheet) -> str:
    found = differences(source, target)
    own = [difference for difference in found if not difference.by_name]
    named = [difference for difference in found if difference.by_name]
    title = f"### {text(source.title)} → {text(target.title)}\n"
    head = ["field", text(source.title), text(target.title)]
    if not found:
        return title + "\nNothing differs.\n"
    out = [title]
    out.append(markup.html_table(head, _rows(own)) or "Nothing but names.")
    if len(own) > MOST_ROWS:
        out.append(f"\n… and {len(own) - MOST_ROWS} more.")
    if named:
        body = markup.html_table(head, _rows(named))
        out.append("\n" + details(f"{len(named)} more follow the name of the environment", body))
    return "\n".join(out) + "\n"


def _rows(found: list[Difference]) -> list[list[str]]:
    """Rows by object; what is alike in several objects comes first, under all their names."""
    groups: dict[tuple[str, ...], list[Difference]] = {}
    for difference in found[:MOST_ROWS]:
        groups.setdefault(difference.subjects, []).append(difference)
    rows: list[list[str]] = []
    for subjects, members in sorted(groups.items(), key=lambda group: -len(group[0])):
        shown = ", ".join(f"<strong>{text(subject)}</strong>" for subject in subjects[:4])
        more = len(subjects) - 4
        rows.append([shown + (f" and {more} more" if more > 0 else "")])
        rows += [[code(d.field), _side(d.old), _side(d.new)] for d in members]
    return rows


def _side(value: str) -> str:
    return '<span class="fl-quiet">absent</span>' if value == ABSENT else markup.block(value)


def _environment(sheet: Sheet) -> str:
    title = f'## <span id="{_anchor(sheet)}"></span>In {text(sheet.title)}\n'
    if sheet.failure:
        told = f"This overlay does not build.<pre>{markup.html(sheet.failure)}</pre>"
        return f'{title}\n<div class="fl-failure">{told}</div>\n'
    objects = markup.html_table(
        ["kind", "name", "namespace"],
        [[text(item.kind), code(item.name), code(item.namespace)] for item in sheet.items[:MOST_ROWS]],
    )
    config = markup.html_table(
        ["configuration", "key", "value"],
        [[code(stem), code(key), markup.block(value)] for stem, key, value in sheets.configuration(sheet)[:MOST_ROWS]],
    )
    shots = markup.html_table(
        ["container", "image", "version"],
        [[code(i.container), code(i.name), code(i.tag)] for i in sheets.images(sheet)],
    )
    count = len(sheet.items)
    parts = [
        title,
        f"Made from {code(sheet.path)}.\n",
        diagram.svg(sheet.items, f"The objects of {sheet.app} in {sheet.title} and who uses whom") + "\n",
        shots + "\n",
        details(f"{count} object{'' if count == 1 else 's'}", objects),
        details("Configuration", config) if config else "",
    ]
    return "\n".join(part for part in parts if part.strip())


CSS = """\
.fl-chain { margin: 1.2em 0; }
.fl-arrow { opacity: .6; margin: 0 .2em; }
.fl-pill {
  display: inline-block; padding: .05em .6em; border-radius: 1em; font-size: .85em; white-space: nowrap;
  border: 1px solid rgba(128, 128, 128, .45);
}
.fl-ahead { border-color: #e8710a; color: #e8710a; font-size: .7em; }
.fl-protected { border-color: #b3261e; color: #b3261e; }
.fl-bad { border-color: #b3261e; background: #b3261e; color: #fff; }
.fl-quiet { opacity: .6; }
.fl-failure { border-left: 4px solid #b3261e; padding: .4em .8em; background: rgba(179, 38, 30, .08); }
.fl-scroll { overflow-x: auto; margin: 1em 0; }
.fl-scroll pre { margin: 0; white-space: pre-wrap; }
.fl-scroll code { overflow-wrap: anywhere; word-break: normal; }
.md-typeset .fl-scroll td:first-child { min-width: 15em; }
.fl-title td { background: rgba(128, 128, 128, .08); font-size: .95em; }
.md-typeset table:not([class]) td { vertical-align: top; }
.fl-more > summary { cursor: pointer; }
.fl-graph { margin: 1.2em 0; overflow-x: auto; }
.fl-graph svg { display: block; max-width: 100%; height: auto; min-width: 36em; font-family: inherit; }
.fl-box { fill: rgba(96, 125, 139, .10); stroke: rgba(96, 125, 139, .75); stroke-width: 1; }
.fl-kind { font-size: 10.5px; fill: currentColor; opacity: .65; }
.fl-name { font-size: 13px; font-weight: 600; fill: currentColor; }
.fl-edge { fill: none; stroke: currentColor; stroke-width: 1.2; opacity: .4; }
.fl-tip { fill: currentColor; opacity: .55; }
@media (prefers-color-scheme: dark) { .fl-protected { color: #f2b8b5; border-color: #f2b8b5; } }
"""
