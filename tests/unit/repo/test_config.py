"""fairlead.yaml: what it says, and every mistake with its place and a remedy."""

import re
from itertools import pairwise

import pytest

from fairlead.model.errors import ConfigError, UsageError
from fairlead.model.findings import Where
from fairlead.model.snapshot import MemorySnapshot, blob_id
from fairlead.repo.config import (
    CheckRules,
    Config,
    Environment,
    FieldPattern,
    FieldRule,
    Freeze,
    GateRules,
    Override,
    PolicyFiles,
    PromoteRules,
    duration,
    find,
    load,
    read,
)
from fairlead.repo.remotes import BuildOverride, BuildRules, RemoteRule
from fairlead.repo.times import moment, span

THREE = "version: 1\nenvironments:\n  dev: {}\n  staging: {}\n  production: {}\n"
CHAIN = THREE + "chains: [[dev, staging, production]]\n"


def config(text):
    return read(text.encode())


def mistake(text):
    """`place: message · remedy` of what is wrong."""
    with pytest.raises(ConfigError) as caught:
        config(text)
    return f"{caught.value.where}: {caught.value.message} · {caught.value.remedy}"


def test_everything_that_can_be_said():
    text = """\
version: 1
branch: trunk
environments:
  dev:
  staging: {match: [stg, staging], kubernetes: "1.30", protected: true, direct: deny, images: digest}
  production:
    direct: allow
    gates:
      soak: 1d12h
      approvals: 2
      freeze:
      - {days: [fri, sat], from: "16:30", to: "24:00"}
      - {start: "2025-12-20", end: "2026-01-06", tz: Europe/Vienna, why: holidays}
  pr-1: {ephemeral: true, pod_security: restricted}
chains: [[dev, [staging, production]]]
layout: ["apps/{app}/overlays/{env}", "clusters/{cluster}/{env}"]
forge: {kind: local}
promote:
  carry: [spec.replicas, {field: "*.yaml: spec.x", app: web, env: production}]
  own: [metadata.labels]
  offer: [data]
build:
  load_restrictor: none
  enable_helm: true
  remote: ["https://github.com/example/*", {repository: "git@example.com:team/web.git", tags: true}]
check:
  select: [all]
  ignore: [schema]
  severity: {unread-file: note, cycle: off}
  unread: [docs/**]
  baseline: known.json
  external: [Secret/*]
  labels: [team]
  overrides:
  - {environments: [production], paths: [legacy/*], select: [builds], ignore: [dead], severity: {schema: warning}}
""".replace('"24:00"', '"23:00"').replace("cycle: off", 'cycle: "off"')
    got = read(text.encode(), "ops/fairlead.yaml", "abc")
    assert got == Config(
        path="ops/fairlead.yaml",
        root="ops",
        oid="abc",
        environments=(
            Environment("dev", ("dev",)),
            Environment(
                "staging", ("staging", "stg"), kubernetes="1.30", protected=True, direct="deny", images="digest"
            ),
            Environment(
                "production",
                ("production",),
                protected=True,
                direct="allow",
                images="fixed",
                gates=GateRules(
                    soak=36 * 3600,
                    approvals=2,
                    freeze=(
                        Freeze(days=("fri", "sat"), begin=16 * 60 + 30, end=23 * 60),
                        Freeze(first_day="2025-12-20", last_day="2026-01-06", tz="Europe/Vienna", why="holidays"),
                    ),
                ),
            ),
            Environment("pr-1", ("pr-1",), ephemeral=True, pod_security="restricted"),
        ),
        chains=((("dev",), ("staging", "production")),),
        layout=("apps/{app}/overlays/{env}", "clusters/{cluster}/{env}"),
        layout_at=(Where("ops/fairlead.yaml", 16, 10), Where("ops/fairlead.yaml", 16, 39)),
        branch="trunk",
        promote=PromoteRules(
            carry=(FieldPattern("spec.replicas"), FieldPattern("*.yaml: spec.x", "web", "production")),
            own=(FieldPattern("metadata.labels"),),
            offer=(FieldPattern("data"),),
        ),
        check=CheckRules(
            select=("all",),
            ignore=("schema",),
            severity=(("cycle", "off"), ("unread-file", "note")),
            unread=("docs/**",),
            overrides=(Override(("production",), ("legacy/*",), ("builds",), ("dead",), (("schema", "warning"),)),),
            baseline="known.json",
            baseline_at=Where("ops/fairlead.yaml", 31, 13),
            external=("Secret/*",),
            labels=("team",),
            named=(
                ("all", Where("ops/fairlead.yaml", 27, 12)),
                ("schema", Where("ops/fairlead.yaml", 28, 12)),
                ("unread-file", Where("ops/fairlead.yaml", 29, 27)),
                ("cycle", Where("ops/fairlead.yaml", 29, 40)),
                ("builds", Where("ops/fairlead.yaml", 35, 62)),
                ("dead", Where("ops/fairlead.yaml", 35, 80)),
                ("schema", Where("ops/fairlead.yaml", 35, 106)),
            ),
        ),
        build=BuildRules(
            unrestricted=True,
            helm=True,
            remote=(RemoteRule("https://github.com/example/*"), RemoteRule("git@example.com:team/web.git", tags=True)),
        ),
    )


def test_the_last_environment_of_a_chain_is_protected_unless_it_says_otherwise():
    def protected(text):
        return [e.name for e in config(text).environments if e.protected]

    assert protected(CHAIN) == ["production"]
    assert protected(CHAIN.replace("production: {}", "production: {protected: false}")) == []
    assert protected(THREE) == []
    assert protected(THREE + "chains: [[dev]]\n") == []
    assert protected(THREE + "chains: [[dev, [staging, production]]]\n") == ["staging", "production"]


def test_what_a_build_may_do_can_differ_by_the_folder_of_the_overlay():
    build = config(
        THREE + "build:\n  enable_helm: true\n  overrides:\n  - {paths: [infra/*], load_restrictor: none}\n"
        "  - {paths: [legacy], enable_helm: false, remote: ['https://github.com/example/*']}\n"
    ).build
    assert build == BuildRules(
        helm=True,
        overrides=(
            BuildOverride(("infra/*",), unrestricted=True),
            BuildOverride(("legacy",), helm=False, remote=(RemoteRule("https://github.com/example/*"),)),
        ),
    )
    assert build.of("infra/dns") == BuildRules(unrestricted=True, helm=True)


# ── mistakes ──


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "fairlead.yaml:1:1: fairlead.yaml is empty · start with `version: 1`"),
        ("# nothing\n", "fairlead.yaml:1:1: fairlead.yaml is empty · start with `version: 1`"),
        ("---\n", "fairlead.yaml:1:1: fairlead.yaml is empty · start with `version: 1`"),
        ("a: [", "fairlead.yaml:2:1: not YAML: did not find expected node content · mend the YAML at this place"),
        ("version: 1\n\tx: y\n", "fairlead.yaml:2:1: not YAML: found a tab character that violates indentation · "
         "mend the YAML at this place"),
        ("- a\n", 'fairlead.yaml:1:1: ["a"] is not of type "object" · see the reference of fairlead.yaml'),
        ("version: 1\n", 'fairlead.yaml:1:1: "environments" is a required property · '
         "see the reference of fairlead.yaml"),
        (THREE + "version: 1\n", "fairlead.yaml:6:1: 'version' stands twice (first at line 1) · remove one of the two"),
        (THREE + "---\nx: y\n", "fairlead.yaml:7:1: fairlead.yaml holds 2 documents · "
         "one file has one configuration: remove the `---`"),
        (THREE + "chians: []\n", "fairlead.yaml:6:1: unknown key 'chians' · did you mean 'chains'?"),
        (THREE + "layuot: []\nchians: []\n", "fairlead.yaml:6:1: unknown key 'layuot' · did you mean 'layout'?"),
        (THREE + "zzz: 1\n", "fairlead.yaml:6:1: unknown key 'zzz' · known keys: apps, branch, build, chains, "
         "check, environments, forge, layout, notify, promote, sets, teams, version"),
        (THREE + "'it''s': 1\n", "fairlead.yaml:6:1: unknown key \"it's\" · known keys: apps, branch, build, chains, "
         "check, environments, forge, layout, notify, promote, sets, teams, version"),
        ("version: 1\nenvironments:\n  dev: {gates: {sok: 4h}}\n",
         "fairlead.yaml:3:17: unknown key 'sok' in environments.dev.gates · did you mean 'soak'?"),
        (THREE + "promote: {carry: [{filed: x}]}\n",
         "fairlead.yaml:6:20: unknown key 'filed' in promote.carry[0] · did you mean 'field'?"),
        (THREE + "promote: {carry: [{app: x}]}\n", "fairlead.yaml:6:19: promote.carry[0]: needs 'field' · "
         "see the reference of fairlead.yaml"),
        ("version: 2\nenvironments: {dev: {}}\n",
         "fairlead.yaml:1:10: version: 1 was expected · Version of this file's form."),
        ("version: 1\nenvironments: {}\n", "fairlead.yaml:2:15: environments: {} has less than 1 property · "
         "The environments by name."),
        ("version: 1\nenvironments: {dev env: {}}\n",
         'fairlead.yaml:2:16: environments: "dev env" does not match "^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$" · '
         "use letters, digits, dots and dashes"),
        ("version: 1\nenvironments: {dev: {kubernetes: 1.34}}\n",
         'fairlead.yaml:2:34: environments.dev.kubernetes: 1.34 is not of type "string" · write it in quotes: "1.34"'),
        ("version: 1\nenvironments: {dev: {protected: 'yes'}}\n",
         'fairlead.yaml:2:33: environments.dev.protected: "yes" is not of type "boolean" · '
         "Stricter rules and a typed confirmation; the last of a chain is by default."),
        ("version: 1\nenvironments: {dev: {gates: {soak: 4 hours}}}\n",
         'fairlead.yaml:2:36: environments.dev.gates.soak: "4 hours" does not match "^([0-9]+[smhdw])+$" · '
         "How long a value must have run in the environment before (30s, 4h, 1d12h)."),
        ("version: 1\nenvironments: {dev: {gates: {soak: 4}}}\n",
         'fairlead.yaml:2:36: environments.dev.gates.soak: 4 is not of types "string", "object" · '
         "How long a value must have run in the environment before (30s, 4h, 1d12h)."),
        ("version: 1\nenvironments: {dev: {gates: {approvals: -1}}}\n",
         "fairlead.yaml:2:41: environments.dev.gates.approvals: -1 is less than the minimum of 0 · "
         "Approvals needed; who asked for the promotion never counts."),
        ("version: 1\nenvironments: {dev: {gates: {freeze: [{tz: Europe/Wien}]}}}\n",
         "fairlead.yaml:2:44: there is no time zone 'Europe/Wien' · use a name such as Europe/Vienna or UTC"),
        ("version: 1\nenvironments: {dev: {gates: {freeze: [{}, {tz: ../../etc}]}}}\n",
         "fairlead.yaml:2:48: there is no time zone '../../etc' · use a name such as Europe/Vienna or UTC"),
        ("version: 1\nenvironments: {dev: {gates: {freeze: [{from: '25:00'}]}}}\n",
         'fairlead.yaml:2:46: environments.dev.gates.freeze[0].from: "25:00" does not match '
         '"^([01][0-9]|2[0-3]):[0-5][0-9]$" · Hour of the day at which it begins (HH:MM); midnight where absent.'),
        ("version: 1\nenvironments: {dev: {gates: {freeze: [{start: '2024-13-40'}]}}}\n",
         'fairlead.yaml:2:47: environments.dev.gates.freeze[0].start: "2024-13-40" is not a "date" · '
         "First day (YYYY-MM-DD)."),
        (THREE + "chains: [[dev, stagin]]\n",
         "fairlead.yaml:6:16: the chain names 'stagin', which is no environment · did you mean 'staging'?"),
        (THREE + "chains: [[dev, [staging, qqq]]]\n", "fairlead.yaml:6:16: the chain names 'qqq', which is no "
         "environment · environments are: dev, staging, production"),
        (THREE + "chains: [[dev, staging, dev]]\n",
         "fairlead.yaml:6:25: the chain is circular: it comes to 'dev' twice · a chain passes each environment once"),
        (THREE + "chains: [[dev, staging], [staging, production], [production, dev]]\n",
         "fairlead.yaml:6:16: the chains are circular: 'dev' leads to 'staging' and back · "
         "an environment can't be promoted into one that it comes from"),
        (THREE + "chains: [dev]\n", 'fairlead.yaml:6:10: chains[0]: "dev" is not of type "array" · '
         "see the reference of fairlead.yaml"),
        (THREE + "layout: [apps/x]\n", "fairlead.yaml:6:10: the layout 'apps/x' has no {env} · "
         "say where the environment's name stands, as in apps/{app}/overlays/{env}"),
        (THREE + "layout: apps/{env}\n", 'fairlead.yaml:6:9: layout: "apps/{env}" is not of type "array" · '
         "Where overlays lie: {app}, {env}, {cluster}, any other {word}, *, **, [optional]."),
        ("version: 1\nenvironments:\n  dev: {match: [x, prod]}\n  production: {match: [prod]}\n",
         "fairlead.yaml:4:24: the word 'prod' stands for two environments, dev and production · "
         "let it stand for one of them"),
        ("version: 1\nenvironments: {dev: {}, pr-1: {ephemeral: true}}\nchains: [[pr-1, dev]]\n",
         "fairlead.yaml:3:11: the chain names 'pr-1', which is ephemeral · "
         "nothing is promoted into or out of a preview; take it out of the chain"),
        ("version: 1\nenvironments: {dev: {match: [qa]}, qa: {}}\n",
         "fairlead.yaml:2:30: the word 'qa' stands for two environments, qa and dev · let it stand for one of them"),
        (THREE + "build: {remote: [https://*/x]}\n",
         "fairlead.yaml:6:18: 'https://*/x' names no repository on a host · "
         "write it as git is asked for it: https://github.com/example/web, or https://host/team/*"),
        (THREE + "build: {remote: [{repository: web}]}\n",
         "fairlead.yaml:6:18: 'web' names no repository on a host · "
         "write it as git is asked for it: https://github.com/example/web, or https://host/team/*"),
        (THREE + "build: {remote: [{tags: true}]}\n",
         "fairlead.yaml:6:18: build.remote[0]: needs 'repository' · see the reference of fairlead.yaml"),
        (THREE + "build: {enable_helms: true}\n",
         "fairlead.yaml:6:9: unknown key 'enable_helms' in build · did you mean 'enable_helm'?"),
        (THREE + "build: {overrides: [{load_restrictor: none}]}\n",
         "fairlead.yaml:6:21: build.overrides[0]: \"paths\" is a required property · "
         "see the reference of fairlead.yaml"),
        (THREE + "build: {overrides: [{paths: [infra/*], enable_helms: true}]}\n",
         "fairlead.yaml:6:40: unknown key 'enable_helms' in build.overrides[0] · did you mean 'enable_helm'?"),
        (THREE + "build: {overrides: [{paths: [infra/*], remote: [web]}]}\n",
         "fairlead.yaml:6:49: 'web' names no repository on a host · "
         "write it as git is asked for it: https://github.com/example/web, or https://host/team/*"),
        (THREE + "build: {load_restrictor: all}\n",
         'fairlead.yaml:6:26: build.load_restrictor: "all" is not one of "root-only" or "none" · '
         "May files beside a kustomization's folder be read (none)? Never from outside the repository."),
        ("a: &a [*a]\n", "fairlead.yaml:1:4: fairlead.yaml nests more than 200 levels · "
         "this is not a file that kustomize should be given"),
    ],
)  # fmt: skip
def test_every_mistake_is_told_with_its_place_and_a_remedy(text, told):
    assert mistake(text) == told


def test_a_bomb_of_aliases_is_a_mistake_at_its_place():
    names = "abcdefghi"
    text = "version: 1\na: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{n}: &{n} [{','.join(['*' + m] * 9)}]\n" for m, n in pairwise(names)
    )
    assert mistake(text).startswith("fairlead.yaml:2:")
    assert "aliases expand to more than 100,000 values" in mistake(text)


# ── asking it ──


def test_an_environment_is_found_by_its_name_before_any_word():
    got = config("version: 1\nenvironments:\n  dev: {}\n  production: {match: [prod, prd]}\n")
    assert [got.environment(n).name for n in ("dev", "production", "prd")] == ["dev", "production", "production"]


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("stagin", "did you mean 'staging'?"), ("qqq", "environments are: dev, staging, production")],
)
def test_an_unknown_environment_is_refused_with_what_there_is(name, remedy):
    with pytest.raises(UsageError) as caught:
        config(THREE).environment(name)
    assert (caught.value.message, caught.value.remedy) == (f"there is no environment {name!r}", remedy)
    assert caught.value.where == Where("fairlead.yaml")


def test_without_any_environment_that_is_said():
    with pytest.raises(UsageError) as caught:
        Config().environment("dev")
    assert (caught.value.where, caught.value.remedy) == (None, "environments are: none")


WAVES = """\
version: 1
environments: {dev: {}, qa: {}, eu: {}, us: {}, spare: {}, edge: {}}
chains: [[dev, qa, [eu, us]], [dev, edge]]
"""


def test_stages_come_before_and_after_along_the_first_chain_that_holds_the_environment():
    got = config(WAVES)
    assert {n: got.stages_after(n) for n in ("dev", "qa", "eu", "us", "spare", "edge")} == {
        "dev": ("qa",),
        "qa": ("eu", "us"),
        "eu": (),
        "us": (),
        "spare": (),
        "edge": (),
    }
    assert {n: got.stages_before(n) for n in ("dev", "qa", "us", "spare", "edge")} == {
        "dev": (),
        "qa": ("dev",),
        "us": ("qa",),
        "spare": (),
        "edge": ("dev",),
    }
    assert got.first_environments() == ("dev", "dev")


@pytest.mark.parametrize(
    ("source", "target", "stages"),
    [
        ("dev", "qa", (("qa",),)),
        ("dev", "us", (("qa",), ("eu", "us"))),
        ("dev", "edge", (("edge",),)),
        ("qa", "dev", ()),
        ("eu", "us", ()),
        ("dev", "dev", ()),
        ("qa", "edge", ()),
        ("dev", "spare", ()),
    ],
)
def test_stages_lead_along_a_chain(source, target, stages):
    assert config(WAVES).stages(source, target) == stages


def test_the_nearest_file_above_governs_a_folder():
    snapshot = MemorySnapshot.of({"fairlead.yaml": CHAIN, "team/fairlead.yaml": THREE, "team/apps/x.yaml": ""})
    assert [find(snapshot, f) for f in ("", "team/apps/web", "team", "other/deep")] == [
        "fairlead.yaml",
        "team/fairlead.yaml",
        "team/fairlead.yaml",
        "fairlead.yaml",
    ]
    got = load(snapshot, "team/apps")
    assert (got.path, got.root, got.oid) == ("team/fairlead.yaml", "team", blob_id(THREE.encode()))


def test_without_a_file_the_configuration_is_empty():
    assert load(MemorySnapshot.of({"apps/x.yaml": ""}), "apps") == Config()


# ── time ──


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), ("4h", 14400), ("1d12h", 129600), ("2w", 1209600), ("0s", 0)]
)
def test_a_duration_in_seconds(text, seconds):
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "4", "h", "4 h", "4h ", "-4h", "4.5h", "4y", "1h30", "٣s"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match=rf"^{re.escape(text)}$"):
        duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (-5, "0s"), (59, "59s"), (3600, "1h"), (129600, "1d12h"), (90061, "1d1h"), (61, "1m1s")],
)
def test_a_span_by_its_two_largest_units(seconds, text):
    assert span(seconds) == text


def test_a_moment_in_utc_even_where_no_calendar_has_it():
    assert [moment(0), moment(1_750_000_000), moment(10**30)] == [
        "1970-01-01 00:00 UTC",
        "2025-06-15 15:06 UTC",
        f"@{10**30}",
    ]


def test_policies_and_fields_are_read():
    read_ = config(
        THREE + "check:\n  policies: ['policies/*.yaml', {files: live/**, environments: [production]}]\n"
        "  fields:\n  - {field: spec.replicas, kind: Deployment, allowed: [1, 2], severity: warning}\n"
        "  - {field: 'metadata.labels[a.b/c]', required: true, pattern: '[a-z]+', message: say whose it is}\n"
    ).check
    assert read_.policies == (PolicyFiles("policies/*.yaml"), PolicyFiles("live/**", ("production",)))
    assert read_.fields == (
        FieldRule("spec.replicas", "Deployment", allowed=(1, 2), severity="warning"),
        FieldRule("metadata.labels[a.b/c]", required=True, pattern="[a-z]+", message="say whose it is"),
    )


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ("policies: [{files: a, environments: [prod]}]", "7:40: there is no environment 'prod'"),
        ("policies: ['a/{b']", "7:14: 'a/{b' is no glob"),
        ("policies: [{environments: [dev]}]", "7:14: check.policies[0]: needs 'files'"),
        ("fields: [{field: spec.a}]", "7:12: nothing is asked of the field 'spec.a'"),
        ("fields: [{field: spec.a, forbidden: true, pattern: a}]", "7:12: a forbidden field has no other rule"),
        ("fields: [{field: spec..a, required: true}]", "7:20: 'spec..a' is no path of a field"),
        ("fields: [{field: spec.a, pattern: '['}]", "7:37: the pattern is no regular expression: "),
        ("fields: [{field: a, required: true, environments: [x]}]", "7:54: there is no environment 'x'"),
        ("fields: [{field: a, requird: true}]", "7:23: unknown key 'requird' in check.fields[0]"),
        ("fields: [{field: a, severity: bad, required: true}]", "7:33: check.fields[0].severity: "),
    ],
)
def test_mistakes_in_policies_and_fields_have_a_place(check, told):
    assert mistake(THREE + "check:\n  " + check + "\n").startswith(f"fairlead.yaml:{told}")


def test_a_soak_time_with_more_to_say():
    text = "{dev: {gates: {soak: {for: 4h, still: true}}}, qa: {gates: {soak: {for: 1d}}}}"
    gates = [environment.gates for environment in config(f"version: 1\nenvironments: {text}\n").environments]
    assert [(g.soak, g.still) for g in gates] == [(4 * 3600, True), (24 * 3600, False)]
    assert mistake("version: 1\nenvironments: {dev: {gates: {soak: {still: true}}}}\n").startswith(
        "fairlead.yaml:2:36: "
    )
