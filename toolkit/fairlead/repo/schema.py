"""The JSON schema of fairlead.yaml, as published in docs/reference/fairlead.schema.json."""

from __future__ import annotations

from typing import Any

from fairlead.repo.notifications import EVENTS, FORMATS, VARIABLE

NAME = r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"
_DURATION = r"^([0-9]+[smhdw])+$"
_WORDS = {"type": "array", "items": {"type": "string", "minLength": 1}}
_DAY = {"enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
_CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}

_FREEZE = {
    "type": "object",
    "description": "A time in which nothing enters the environment: weekdays, hours of the day or dates; a rule by "
    "which it recurs; or a calendar file.",
    "additionalProperties": False,
    "properties": {
        "days": {"type": "array", "items": _DAY, "minItems": 1, "description": "Weekdays; all where absent."},
        "from": _CLOCK | {"description": "Hour of the day at which it begins (HH:MM); midnight where absent."},
        "to": _CLOCK | {"description": "Hour of the day at which it ends (HH:MM); midnight where absent."},
        "start": {"type": "string", "format": "date", "description": "First day (YYYY-MM-DD)."},
        "end": {"type": "string", "format": "date", "description": "Last day (YYYY-MM-DD)."},
        "tz": {"type": "string", "description": "Time zone such as Europe/Vienna; UTC where absent."},
        "why": {"type": "string", "description": "What people are told."},
        "rrule": {
            "type": "string",
            "minLength": 1,
            "description": "It recurs by this rule of iCalendar (FREQ=YEARLY), first on the day `start`.",
        },
        "for": {"type": "string", "pattern": _DURATION, "description": "With `rrule`: how long it lasts (9d)."},
        "calendar": {
            "type": "string",
            "minLength": 1,
            "description": "An iCalendar file (.ics), by path from this file's folder: its events are freezes.",
        },
        "match": {"type": "string", "minLength": 1, "description": "Only events with such a summary (a glob)."},
    },
}

_COMMAND = {
    "description": "A program that must end with 0, such as one that asks a cluster for health. It is started without "
    "a shell, with FAIRLEAD_APP, FAIRLEAD_ENV, FAIRLEAD_SOURCE and FAIRLEAD_COMMIT set.",
    "oneOf": [
        _WORDS | {"minItems": 1},
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["run"],
            "properties": {
                "run": _WORDS | {"minItems": 1, "description": "The program and its arguments."},
                "timeout": {"type": "string", "pattern": _DURATION, "description": "How long it may take. Absent: 5m."},
            },
        },
    ],
}

_HEALTH_NAMES = {"oneOf": [{"type": "string", "minLength": 1}, _WORDS | {"minItems": 1}]}
_HEALTH = {
    "type": ["object", "null"],
    "description": "What is promoted must be healthy where it runs now, as Argo CD or Flux says through kubectl. "
    "Without names, as the repository's objects say that point to the source's overlays.",
    "additionalProperties": False,
    "properties": {
        "argocd": _HEALTH_NAMES
        | {"description": "Applications of the source: NAME or NAMESPACE/NAME, with {app}, {env}, {cluster}."},
        "flux": _HEALTH_NAMES
        | {
            "description": "Kustomizations and HelmReleases of the source: NAME, NAMESPACE/NAME, "
            "helmrelease/NAMESPACE/NAME, with {app}, {env}, {cluster}."
        },
        "context": {
            "type": "string",
            "minLength": 1,
            "description": "The context of kubectl, with {app}, {env}, {cluster}. Absent: the current one.",
        },
        "namespace": {
            "type": "string",
            "minLength": 1,
            "description": "Where objects without a namespace are looked for. Absent: argocd, flux-system.",
        },
        "command": _WORDS
        | {"minItems": 1, "description": "A program that is asked in place of kubectl; it must end with 0."},
        "timeout": {
            "type": "string",
            "pattern": _DURATION,
            "description": "How long one answer may take. Absent: 30s, and 5m for a command.",
        },
    },
}

_SOAK = {
    "type": ["string", "object"],
    "pattern": _DURATION,
    "description": "How long a value must have run in the environment before (30s, 4h, 1d12h).",
    "additionalProperties": False,
    "required": ["for"],
    "properties": {
        "for": {"type": "string", "pattern": _DURATION, "description": "How long (30s, 4h, 1d12h)."},
        "still": {
            "type": "boolean",
            "description": "Must it run there still? Default false: that a newer one came stops no clock.",
        },
    },
}

_GATES = {
    "type": "object",
    "description": "What must be true before a promotion enters this environment.",
    "additionalProperties": False,
    "properties": {
        "soak": _SOAK,
        "approvals": {
            "type": "integer",
            "minimum": 0,
            "description": "Approvals needed; who asked for the promotion never counts.",
        },
        "codeowners": {
            "type": "boolean",
            "description": "An owner of each changed file must approve, as CODEOWNERS on the branch says.",
        },
        "freeze": {"type": "array", "items": _FREEZE, "description": "Times in which nothing enters."},
        "statuses": _WORDS
        | {"description": "Statuses that the source's commit must have, by name: [ci/test]. All must be a success."},
        "command": _COMMAND,
        "health": _HEALTH,
        "order": {
            "enum": ["all", "any"],
            "description": "Where the stage before is a wave, or has clusters: must all of them run a value, or any? "
            "Default all.",
        },
    },
}

_STAGES = {
    "type": "array",
    "minItems": 1,
    "items": {
        "oneOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}, "minItems": 1},
        ]
    },
}

_APPS = {
    "type": "object",
    "description": "What is otherwise for some apps, by name or glob (`payments-*`). Of several that fit an app, its "
    "own name counts, else the first.",
    "propertyNames": {"minLength": 1},
    "additionalProperties": {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "chain": _STAGES | {"description": "Their own order of promotion, in place of `chains`."},
            "gates": _GATES | {"description": "Gates of each environment that they are promoted into; others stay."},
            "owners": _WORDS
            | {
                "description": "Whose they are: @name, @org/team or e-mail addresses. The gate codeowners "
                "asks one of them, too."
            },
        },
    },
}

_PATTERNS = {
    "type": "array",
    "description": "Field patterns (`images[*].newTag`, `*.yaml: spec.replicas`), by glob.",
    "items": {
        "oneOf": [
            {"type": "string", "minLength": 1},
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["field"],
                "properties": {
                    "field": {"type": "string", "minLength": 1},
                    "app": {"type": "string", "description": "Only this app (a glob)."},
                    "env": {"type": "string", "description": "Only when promoted into this environment."},
                },
            },
        ]
    },
}

_REMOTE = {
    "type": "array",
    "description": "Repositories that may be named as remote bases; fetched once by git, then built offline.",
    "items": {
        "oneOf": [
            {"type": "string", "minLength": 1},
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["repository"],
                "properties": {
                    "repository": {
                        "type": "string",
                        "minLength": 1,
                        "description": "As in `?ref=` URLs, by glob: https://github.com/example/* (** spans slashes).",
                    },
                    "tags": {
                        "type": "boolean",
                        "description": "Also at a tag, not only at a full commit id. Branches never.",
                    },
                },
            },
        ]
    },
}

_BUILD = {
    "load_restrictor": {
        "enum": ["root-only", "none"],
        "description": "May files beside a kustomization's folder be read (none)? Never from outside the repository.",
    },
    "enable_helm": {
        "type": "boolean",
        "description": "Inflate `helmCharts` whose chart lies in the repository, by the helm on PATH.",
    },
    "remote": _REMOTE,
    "helm_releases": {
        "type": "boolean",
        "description": "With `enable_helm`: render the charts of Flux HelmReleases and Argo CD Applications, too, as "
        "far as they lie in the repository; their objects are added to the overlay's.",
    },
}

_NOTIFY = {
    "type": "array",
    "description": "Webhooks that are told what happens to pull requests. One that fails is a warning, never more.",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["url_env"],
        "properties": {
            "url_env": {
                "type": "string",
                "pattern": VARIABLE,
                "description": "The variable that holds the URL, which is a secret: its name has WEBHOOK in it, or "
                "begins with FAIRLEAD_NOTIFY. Where it isn't set, nothing is sent.",
            },
            "format": {"enum": list(FORMATS), "description": "CloudEvents 1.0 (the default), or Slack's messages."},
            "events": {
                "type": "array",
                "minItems": 1,
                "items": {"enum": list(EVENTS)},
                "description": "Only these; all where absent.",
            },
            "environments": _WORDS | {"minItems": 1, "description": "Only changes into these; all where absent."},
        },
    },
}

_SEVERITY = {"enum": ["error", "warning", "note", "off"]}
_SETTINGS = {
    "select": _WORDS | {"description": "Rules that are run: names, groups, `default` or `all`. Absent: [default]."},
    "ignore": _WORDS | {"description": "Rules and groups that are not run."},
    "severity": {
        "type": "object",
        "description": "Severity by rule or group; it selects the rule, too.",
        "additionalProperties": _SEVERITY,
    },
}

_POLICIES = {
    "type": "array",
    "description": "Files with ValidatingAdmissionPolicies, by glob from this file's folder.",
    "items": {
        "oneOf": [
            {"type": "string", "minLength": 1},
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["files"],
                "properties": {
                    "files": {"type": "string", "minLength": 1, "description": "The glob."},
                    "environments": _WORDS | {"description": "Only for overlays of these environments."},
                },
            },
        ]
    },
}

_FIELDS = {
    "type": "array",
    "description": "What fields of rendered objects have to be.",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["field"],
        "properties": {
            "field": {
                "type": "string",
                "minLength": 1,
                "description": "A path: spec.replicas, spec.containers[*].image, metadata.labels[example.com/team].",
            },
            "kind": {"type": "string", "minLength": 1, "description": "Only objects of this kind (a glob)."},
            "required": {"const": True, "description": "It has to be there."},
            "forbidden": {"const": True, "description": "It must not be there."},
            "allowed": {
                "type": "array",
                "minItems": 1,
                "items": {"type": ["string", "number", "boolean", "null"]},
                "description": "The values that it may have, where it is there.",
            },
            "pattern": {
                "type": "string",
                "minLength": 1,
                "description": "A regular expression that its whole value matches, where it is there.",
            },
            "environments": _WORDS | {"description": "Only in overlays of these environments."},
            "severity": {"enum": ["error", "warning", "note"], "description": "Default error."},
            "message": {"type": "string", "minLength": 1, "description": "What people are told."},
        },
    },
}

_TOOLS = {
    "kube-linter": "Such as [--config, lint.yaml], by path from this file's folder.",
    "kube-score": "Such as [--ignore-test, pod-networkpolicy].",
    "conftest": "Such as [--policy, rules, --all-namespaces].",
    "pluto": "Such as [--additional-versions, versions.yaml].",
}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "fairlead.yaml",
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "environments"],
    "properties": {
        "version": {"const": 1, "description": "Version of this file's form."},
        "branch": {"type": "string", "minLength": 1, "description": "Branch that holds the environments."},
        "environments": {
            "type": "object",
            "description": "The environments by name.",
            "minProperties": 1,
            "propertyNames": {"pattern": NAME},
            "additionalProperties": {
                "type": ["object", "null"],
                "additionalProperties": False,
                "properties": {
                    "match": _WORDS | {"description": "Other words that name it in paths and values."},
                    "kubernetes": {
                        "type": "string",
                        "pattern": r"^1\.[0-9]{1,2}$",
                        "description": "Kubernetes version whose schemas judge its objects.",
                    },
                    "protected": {
                        "type": "boolean",
                        "description": "Stricter rules and a typed confirmation; the last of a chain is by default.",
                    },
                    "direct": {
                        "enum": ["allow", "approve", "deny"],
                        "description": "May a change come past promotion: freely, by a pull request that somebody "
                        "else has approved (the default), or not at all? Versions enter the first of a chain freely.",
                    },
                    "gates": _GATES,
                    "ephemeral": {"type": "boolean", "description": "A preview: in no chain."},
                    "clusters": {
                        "type": "array",
                        "minItems": 1,
                        "uniqueItems": True,
                        "items": {"type": "string", "pattern": NAME},
                        "description": "Its clusters, as {cluster} in the layout names them, in order of rollout.",
                    },
                    "rollout": {
                        "enum": ["together", "one-by-one"],
                        "description": "All clusters by one pull request, or each by its own, one after another? "
                        "Default together.",
                    },
                    "reviewers": _WORDS
                    | {
                        "description": "Whose review of promotions into it is asked, beside the owners of the files: "
                        "logins, e-mail addresses, @org/team."
                    },
                    "auto_merge": {
                        "enum": [False, True, "merge", "squash", "rebase"],
                        "description": "Are promotions into it merged by themselves as soon as every gate is open "
                        "(true: by a merge commit)? Default false: people merge.",
                    },
                    "images": {
                        "enum": ["any", "fixed", "digest"],
                        "description": "How images are named: by any tag, by one that doesn't move, or by digest. "
                        "Absent: fixed where it is protected, else any.",
                    },
                    "pod_security": {
                        "enum": ["privileged", "baseline", "restricted"],
                        "description": "Level of the Pod Security Standards that its pods must keep. "
                        "A Namespace in the same overlay says it by its enforce label, too.",
                    },
                },
            },
        },
        "chains": {
            "type": "array",
            "description": "The order of promotion; a stage may be a list, a wave promoted together.",
            "items": _STAGES,
        },
        "apps": _APPS,
        "sets": {
            "type": "object",
            "description": "Apps that are promoted together, by a name: `fairlead promote NAME`.",
            "propertyNames": {"pattern": NAME},
            "additionalProperties": _WORDS | {"minItems": 1, "description": "Apps, by name or glob."},
        },
        "layout": {
            "type": "array",
            "description": "Where overlays lie: {app}, {env}, {cluster}, any other {word}, *, **, [optional].",
            "items": {"type": "string", "minLength": 1},
        },
        "forge": {
            "type": "object",
            "description": "Where pull requests live. Tokens never stand here: see `fairlead doctor`.",
            "additionalProperties": False,
            "properties": {
                "kind": {
                    "enum": ["local", "auto", "gitea", "github", "gitlab"],
                    "description": "local: in the repository itself; auto: as the remote's URL says; gitea: Gitea, "
                    "Forgejo, Codeberg; github: also an Enterprise server; gitlab: gitlab.com and one's own. Absent: "
                    "local, or auto where `url` or `project` is set.",
                },
                "url": {
                    "type": "string",
                    "pattern": "^https?://",
                    "description": "The forge's web address, where it is not that of the remote's host: "
                    "https://git.example.org.",
                },
                "project": {
                    "type": "string",
                    "minLength": 3,
                    "description": "The repository there, where it is not that of the remote's URL: shop/environments.",
                },
            },
        },
        "notify": _NOTIFY,
        "teams": {
            "type": "object",
            "description": "Who the names in CODEOWNERS are, where the forge doesn't know: "
            '`"@shop/payments": [ann@example.com]`.',
            "additionalProperties": _WORDS,
        },
        "promote": {
            "type": "object",
            "description": "The last word on whose a field is, and on what a newer promotion may replace.",
            "additionalProperties": False,
            "properties": {
                "carry": _PATTERNS | {"description": "Fields promoted by default."},
                "own": _PATTERNS | {"description": "Fields that belong to each environment."},
                "offer": _PATTERNS | {"description": "Fields that a person may take."},
                "writers": {
                    "type": "array",
                    "description": "Other programs that write into the repository: what they keep is only offered.",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["name"],
                        "properties": {
                            "name": {"type": "string", "minLength": 1, "description": "Its name, for people."},
                            "paths": _WORDS | {"description": "Globs of the files that it writes; all where absent."},
                            "fields": _WORDS | {"description": "Patterns of the fields; all where absent."},
                        },
                    },
                },
                "pace": {
                    "enum": ["all", "habit", "one"],
                    "description": "Of several pending revisions the default is: all, all but where history shows "
                    "without exception which one goes (habit), or one wherever people mostly took one.",
                },
                "drafts": {
                    "type": "boolean",
                    "description": "Is a promotion opened as a draft while it waits for something else than people and "
                    "programs (it soaks, a freeze lasts)? Default true; in a stack, the upper ones always are.",
                },
                "supersede": {
                    "enum": ["soaked", "newest"],
                    "description": "What replaces an open pull request that waits to have soaked: only what has "
                    "soaked itself (the default), or the newest.",
                },
            },
        },
        "build": {
            "type": "object",
            "description": "What a build may do beyond kustomize's defaults.",
            "additionalProperties": False,
            "properties": {
                **_BUILD,
                "charts": _WORDS
                | {"description": "Folders with charts of Helm repositories: `NAME` or `NAME-VERSION`."},
                "overrides": {
                    "type": "array",
                    "description": "Otherwise for some overlays; of two that fit, the later counts.",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["paths"],
                        "properties": {
                            "paths": _WORDS | {"minItems": 1, "description": "Globs of overlays' folders (`infra/*`)."},
                            **_BUILD,
                        },
                    },
                },
            },
        },
        "check": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                **_SETTINGS,
                "overrides": {
                    "type": "array",
                    "description": "Other settings for some environments and paths; of two that fit, the later counts.",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "environments": _WORDS | {"description": "Only there; everywhere where absent."},
                            "paths": _WORDS
                            | {"description": "Globs of files at fault, or of overlays' folders (`legacy/*`)."},
                            **_SETTINGS,
                        },
                    },
                },
                "baseline": {
                    "type": "string",
                    "minLength": 1,
                    "description": "File of known findings, which are not told again (`fairlead check --baseline`).",
                },
                "external": _WORDS
                | {"description": "Globs of objects from elsewhere: `Secret/*`, `namespace/ConfigMap/name`."},
                "labels": _WORDS | {"description": "Labels that every object must carry."},
                "unread": _WORDS | {"description": "Globs of files that no kustomization needs to read."},
                "policies": _POLICIES,
                "fields": _FIELDS,
                "schema_locations": _WORDS
                | {
                    "description": "Where schemas are looked for, as kubeconform's -schema-location: templates of "
                    "paths in the repository, `default` for Kubernetes' own, and https URLs, which only "
                    "`fairlead schemas vendor` fetches."
                },
                "tools": {
                    "type": "object",
                    "description": "More arguments for the tools that `fairlead check --external` asks.",
                    "additionalProperties": False,
                    "properties": {
                        name: {"type": "array", "items": {"type": "string", "minLength": 1}, "description": told}
                        for name, told in _TOOLS.items()
                    },
                },
            },
        },
    },
}
