"""Makes a Config of values that the schema has passed, and refuses what no schema can."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fairlead.edit.nodes import Value
from fairlead.model.errors import ConfigError
from fairlead.model.findings import Where
from fairlead.model.snapshot import join
from fairlead.repo.config import (
    DEFAULT_KUBERNETES,
    AppRules,
    AppSet,
    CheckRules,
    Config,
    Environment,
    FieldPattern,
    FieldRule,
    ForgeRules,
    Override,
    PolicyFiles,
    PromoteRules,
    Writer,
    node_at,
)
from fairlead.repo.field_paths import parts
from fairlead.repo.gate_reader import gate_rules
from fairlead.repo.layout import glob_pattern
from fairlead.repo.locations import Location, location
from fairlead.repo.names import near_miss
from fairlead.repo.notifications import Notify
from fairlead.repo.remotes import BuildOverride, BuildRules, RemoteRule, is_pattern


class Reader:
    """Builds the Config from values that the schema has passed."""

    def __init__(self, path: str, document: Value) -> None:
        self._path = path
        self._document = document

    def _where(self, *steps: str | int) -> Where:
        node = node_at(self._document, list(steps))
        return Where(self._path, node.line, node.column)

    def _place(self, *above: str | int) -> Callable[..., Where]:
        return lambda *steps: self._where(*above, *steps)

    def config(self, values: dict[str, Any], oid: str) -> Config:
        """The configuration. Raises ConfigError."""
        names = list(values["environments"])
        chains = tuple(_stages(chain) for chain in values.get("chains", []))
        previews = {name for name, body in values["environments"].items() if (body or {}).get("ephemeral")}
        self._refuse_chains(values.get("chains", []), names, previews, "chains")
        self._refuse_shared_words(values["environments"])
        last = {env for chain in chains if len(chain) > 1 for env in chain[-1]}
        globs = tuple(values.get("layout", ()))
        for index, glob in enumerate(globs):
            if "{env}" not in glob:
                raise ConfigError(
                    f"the layout {glob!r} has no {{env}}",
                    where=self._where("layout", index),
                    remedy="say where the environment's name stands, as in apps/{app}/overlays/{env}",
                )
        promote = values.get("promote", {})
        check = values.get("check", {})
        return Config(
            path=self._path,
            root=self._path.rpartition("/")[0],
            oid=oid,
            environments=tuple(
                self._environment(name, body or {}, name in last) for name, body in values["environments"].items()
            ),
            chains=chains,
            apps=tuple(
                self._app(pattern, body or {}, values["environments"], chains, previews)
                for pattern, body in values.get("apps", {}).items()
            ),
            sets=tuple(
                AppSet(name, tuple(words), self._where("sets", name)) for name, words in values.get("sets", {}).items()
            ),
            layout=globs,
            layout_at=tuple(self._where("layout", i) for i in range(len(globs))),
            branch=values.get("branch", ""),
            forge=self._forge(values.get("forge")),
            teams=tuple((name, tuple(people)) for name, people in values.get("teams", {}).items()),
            promote=self._promotion(promote, names),
            check=self._check(check, names),
            build=self._build(values.get("build", {})),
            notify=tuple(self._notify(index, one, names) for index, one in enumerate(values.get("notify", ()))),
        )

    def _notify(self, index: int, body: dict[str, Any], names: list[str]) -> Notify:
        self._refuse_environments(body, names, "notify", index)
        form = body.get("format", "cloudevents")
        return Notify(body["url_env"], form, tuple(body.get("events", ())), tuple(body.get("environments", ())))

    def _forge(self, body: dict[str, str] | None) -> ForgeRules:
        if not body:
            return ForgeRules(path=self._path)
        told = "auto" if body.get("url") or body.get("project") else "local"
        return ForgeRules(body.get("kind", told), body.get("url", ""), body.get("project", ""), self._path)

    def _promotion(self, body: dict[str, Any], names: list[str]) -> PromoteRules:
        carry, own, offer = (self._patterns(key, body.get(key, []), names) for key in ("carry", "own", "offer"))
        writers = tuple(
            Writer(one["name"], tuple(one.get("paths", ("*",))), tuple(one.get("fields", ())))
            for one in body.get("writers", ())
        )
        return PromoteRules(
            carry, own, offer, writers,
            pace=body.get("pace", "habit"), supersede=body.get("supersede", "soaked"), drafts=body.get("drafts", True),
        )  # fmt: skip

    def _app(
        self,
        pattern: str,
        body: dict[str, Any],
        environments: dict[str, dict[str, Any] | None],
        chains: tuple[tuple[tuple[str, ...], ...], ...],
        previews: set[str],
    ) -> AppRules:
        """The gates that it names stand in place of an environment's own, in each that something is promoted into."""
        stages: list[str | list[str]] = body.get("chain", [])
        self._refuse_chains([stages], list(environments), previews, "apps", pattern, "chain")
        chain = _stages(stages)
        entered = dict.fromkeys(env for one in ((chain,) if chain else chains) for stage in one[1:] for env in stage)
        gates, place = body.get("gates", {}), self._place("apps", pattern, "gates")
        return AppRules(
            pattern,
            chain,
            tuple(
                (env, gate_rules({**(environments[env] or {}).get("gates", {}), **gates}, place, self._beside))
                for env in entered
                if gates
            ),
            tuple(body.get("owners", ())),
        )

    def _check(self, body: dict[str, Any], environments: list[str]) -> CheckRules:
        overrides = body.get("overrides", ())
        named = self._named(body, "check")
        for index, one in enumerate(overrides):
            for at, name in enumerate(one.get("environments", ())):
                if name not in environments:
                    raise ConfigError(
                        f"the override is for {name!r}, which is no environment",
                        where=self._where("check", "overrides", index, "environments", at),
                        remedy=near_miss(name, environments) or f"environments are: {', '.join(environments)}",
                    )
            named += self._named(one, "check", "overrides", index)
        return CheckRules(
            select=tuple(body.get("select", ("default",))),
            ignore=tuple(body.get("ignore", ())),
            severity=tuple(sorted(body.get("severity", {}).items())),
            unread=tuple(body.get("unread", ())),
            schema_locations=tuple(self._location(at, one) for at, one in enumerate(body.get("schema_locations", ()))),
            overrides=tuple(
                Override(
                    environments=tuple(one.get("environments", ())),
                    paths=tuple(one.get("paths", ())),
                    select=tuple(one["select"]) if "select" in one else None,
                    ignore=tuple(one.get("ignore", ())),
                    severity=tuple(sorted(one.get("severity", {}).items())),
                )
                for one in overrides
            ),
            baseline=body.get("baseline", ""),
            baseline_at=self._where("check", "baseline") if "baseline" in body else None,
            external=tuple(body.get("external", ())),
            labels=tuple(body.get("labels", ())),
            named=tuple(named),
            policies=self._policies(body.get("policies", ()), environments),
            fields=tuple(self._field(index, one, environments) for index, one in enumerate(body.get("fields", ()))),
            tools=tuple((name, tuple(words)) for name, words in body.get("tools", {}).items()),
        )

    def _named(self, body: dict[str, Any], *steps: str | int) -> list[tuple[str, Where]]:
        """The words that stand for rules, with their places."""
        lists = [
            (word, self._where(*steps, key, index))
            for key in ("select", "ignore")
            for index, word in enumerate(body.get(key, ()))
        ]
        return [*lists, *((word, self._where(*steps, "severity", word)) for word in body.get("severity", ()))]

    def _location(self, index: int, written: str) -> Location:
        try:
            return location(written, self._path.rpartition("/")[0])
        except ValueError as error:
            message, remedy = error.args
            raise ConfigError(message, where=self._where("check", "schema_locations", index), remedy=remedy) from None

    def _build(self, body: dict[str, Any]) -> BuildRules:
        return BuildRules(
            unrestricted=body.get("load_restrictor") == "none",
            helm=body.get("enable_helm", False),
            remote=self._remote(body, "build"),
            releases=body.get("helm_releases", False),
            charts=tuple(
                self._beside(text, self._where("build", "charts", at)) for at, text in enumerate(body.get("charts", ()))
            ),
            overrides=tuple(
                BuildOverride(
                    paths=tuple(one["paths"]),
                    unrestricted=one["load_restrictor"] == "none" if "load_restrictor" in one else None,
                    helm=one.get("enable_helm"),
                    remote=self._remote(one, "build", "overrides", index) if "remote" in one else None,
                    releases=one.get("helm_releases"),
                )
                for index, one in enumerate(body.get("overrides", ()))
            ),
            root=self._path.rpartition("/")[0] if body.get("overrides") else "",
        )

    def _remote(self, body: dict[str, Any], *steps: str | int) -> tuple[RemoteRule, ...]:
        entries: list[dict[str, Any]] = [{"repository": e} if isinstance(e, str) else e for e in body.get("remote", ())]
        for index, entry in enumerate(entries):
            if not is_pattern(entry["repository"]):
                raise ConfigError(
                    f"{entry['repository']!r} names no repository on a host",
                    where=self._where(*steps, "remote", index),
                    remedy="write it as git is asked for it: https://github.com/example/web, or https://host/team/*",
                )
        return tuple(RemoteRule(entry["repository"], entry.get("tags", False)) for entry in entries)

    def _patterns(self, key: str, items: list[Any], names: list[str]) -> tuple[FieldPattern, ...]:
        found = []
        for index, item in enumerate(items):
            body = {"field": item} if isinstance(item, str) else item
            env = body.get("env", "*")
            if "*" not in env and env not in names:
                raise ConfigError(
                    f"promote.{key} names an environment that there is not: {env!r}",
                    where=self._where("promote", key, index, "env"),
                    remedy=near_miss(env, names) or f"environments are: {', '.join(names)}",
                )
            where = self._where("promote", key, index)
            found.append(FieldPattern(body["field"], body.get("app", "*"), env, where))
        return tuple(found)

    def _policies(self, entries: list[Any], names: list[str]) -> tuple[PolicyFiles, ...]:
        found = []
        for index, entry in enumerate(entries):
            body = {"files": entry} if isinstance(entry, str) else entry
            self._refuse_environments(body, names, "check", "policies", index)
            where = self._where("check", "policies", index)
            try:
                glob_pattern(body["files"], ())
            except ValueError:
                raise ConfigError(
                    f"{body['files']!r} is no glob", where=where, remedy="write it as policies/*.yaml or policies/**"
                ) from None
            found.append(PolicyFiles(body["files"], tuple(body.get("environments", ())), where))
        return tuple(found)

    def _field(self, index: int, body: dict[str, Any], names: list[str]) -> FieldRule:
        place = ("check", "fields", index)
        self._refuse_environments(body, names, *place)
        asked = [key for key in ("required", "forbidden", "allowed", "pattern") if key in body]
        if not asked or ("forbidden" in asked and len(asked) > 1):
            raise ConfigError(
                "a forbidden field has no other rule" if asked else f"nothing is asked of the field {body['field']!r}",
                where=self._where(*place),
                remedy="say one of required, forbidden, allowed or pattern; required goes with the last two, too",
            )
        try:
            re.compile(body.get("pattern", ""))
        except re.error as error:
            raise ConfigError(
                f"the pattern is no regular expression: {error}",
                where=self._where(*place, "pattern"),
                remedy="mend it; a backslash in double quotes is written twice",
            ) from None
        if not parts(body["field"]):
            raise ConfigError(
                f"{body['field']!r} is no path of a field",
                where=self._where(*place, "field"),
                remedy="write it as spec.replicas, spec.containers[*].image or metadata.labels[app.kubernetes.io/name]",
            )
        return FieldRule(
            field=body["field"],
            kind=body.get("kind", "*"),
            required=body.get("required", False),
            forbidden=body.get("forbidden", False),
            allowed=tuple(body.get("allowed", ())),
            pattern=body.get("pattern", ""),
            environments=tuple(body.get("environments", ())),
            severity=body.get("severity", "error"),
            message=body.get("message", ""),
        )

    def _refuse_environments(self, body: dict[str, Any], names: list[str], *place: str | int) -> None:
        for number, name in enumerate(body.get("environments", ())):
            if name not in names:
                raise ConfigError(
                    f"there is no environment {name!r}",
                    where=self._where(*place, "environments", number),
                    remedy=near_miss(name, names) or f"environments are: {', '.join(names)}",
                )

    def _environment(self, name: str, body: dict[str, Any], last: bool) -> Environment:
        protected = body.get("protected", last)
        return Environment(
            name=name,
            words=tuple(dict.fromkeys((name, *body.get("match", ())))),
            kubernetes=body.get("kubernetes", DEFAULT_KUBERNETES),
            protected=protected,
            direct=body.get("direct", "approve"),
            gates=gate_rules(body.get("gates", {}), self._place("environments", name, "gates"), self._beside),
            ephemeral=body.get("ephemeral", False),
            clusters=tuple(body.get("clusters", ())),
            rollout=body.get("rollout", "together"),
            images=body.get("images", "fixed" if protected else "any"),
            pod_security=body.get("pod_security", ""),
            reviewers=tuple(body.get("reviewers", ())),
            auto_merge=_method(body.get("auto_merge", False)),
            kubernetes_at=self._where("environments", name, "kubernetes") if "kubernetes" in body else None,
        )

    def _beside(self, written: str, where: Where) -> str:
        """A path of the repository that is written from the configuration's folder."""
        path = join(self._path.rpartition("/")[0], written)
        if path is None or written.startswith("/"):
            raise ConfigError(
                f"{written!r} leads out of the repository",
                where=where,
                remedy="name a path beside fairlead.yaml",
            )
        return path

    def _refuse_shared_words(self, environments: dict[str, dict[str, Any] | None]) -> None:
        owner = {name: name for name in environments}
        for name, body in environments.items():
            for index, word in enumerate((body or {}).get("match", ())):
                if owner.setdefault(word, name) != name:
                    raise ConfigError(
                        f"the word {word!r} stands for two environments, {owner[word]} and {name}",
                        where=self._where("environments", name, "match", index),
                        remedy="let it stand for one of them",
                    )

    def _refuse_chains(
        self, chains: list[list[str | list[str]]], names: list[str], passing: set[str], *place: str | int
    ) -> None:
        after: dict[str, dict[str, Where]] = {}
        for number, chain in enumerate(chains):
            previous: list[str] = []
            seen: dict[str, Where] = {}
            for index, stage in enumerate(chain):
                stages = [stage] if isinstance(stage, str) else stage
                for env in stages:
                    where = self._where(*place, number, index) if place[0] == "chains" else self._where(*place, index)
                    if env not in names:
                        raise ConfigError(
                            f"the chain names {env!r}, which is no environment",
                            where=where,
                            remedy=near_miss(env, names) or f"environments are: {', '.join(names)}",
                        )
                    if env in passing:
                        raise ConfigError(
                            f"the chain names {env!r}, which is ephemeral",
                            where=where,
                            remedy="nothing is promoted into or out of a preview; take it out of the chain",
                        )
                    if env in seen:
                        raise ConfigError(
                            f"the chain is circular: it comes to {env!r} twice",
                            where=where,
                            remedy="a chain passes each environment once",
                        )
                    seen[env] = where
                    for before in previous:
                        after.setdefault(before, {})[env] = where
                previous = stages
        _refuse_cycle(after)


def _refuse_cycle(after: dict[str, dict[str, Where]]) -> None:
    def reaches(start: str, goal: str, seen: set[str]) -> bool:
        return any(
            step == goal or (step not in seen and reaches(step, goal, seen | {step})) for step in after.get(start, ())
        )

    for start, nexts in after.items():
        for step, where in nexts.items():
            if reaches(step, start, {step}):
                raise ConfigError(
                    f"the chains are circular: {start!r} leads to {step!r} and back",
                    where=where,
                    remedy="an environment can't be promoted into one that it comes from",
                )


def _method(said: bool | str) -> str:
    return said if isinstance(said, str) else "merge" if said else ""


def _stages(chain: list[str | list[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple((stage,) if isinstance(stage, str) else tuple(stage) for stage in chain)
