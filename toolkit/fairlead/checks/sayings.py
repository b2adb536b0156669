"""kustomize's shorter sentences (api v0.21.1) in plain words: a pattern, what it means, what to do, where it is."""

from __future__ import annotations

import re

from fairlead.checks import finders
from fairlead.checks.finders import Find, Match
from fairlead.checks.patches import text_of
from fairlead.checks.sources import Sources
from fairlead.model.findings import Where
from fairlead.model.values import dataclass
from fairlead.repo.graph import Closure


@dataclass(frozen=True)
class Saying:
    """One sentence; `message` and `remedy` may hold the pattern's groups as {1}, {2}..."""

    pattern: re.Pattern[str]
    message: str
    remedy: str
    find: Find

    def told(self, match: Match) -> tuple[str, str]:
        """Message and remedy of a match."""
        groups = ["", *(group or "" for group in match.groups())]
        return self.message.format(*groups), self.remedy.format(*groups)


def _say(pattern: str, message: str, remedy: str, find: Find) -> Saying:
    return Saying(re.compile(pattern), message, remedy, find)


SAYINGS = (
    _say(
        r"kind should be Kustomization or Component",
        "the `kind` of a kustomization is Kustomization or Component",
        "write one of the two, or take the line out",
        finders.value("kind", ("Kustomization", "Component")),
    ),
    _say(
        r"apiVersion for (\w*) should be (\S+)",
        "the `apiVersion` of this kind of kustomization is {2}",
        "write {2}, or take the line out",
        finders.value("apiVersion", ("kustomize.config.k8s.io/v1beta1", "kustomize.config.k8s.io/v1alpha1")),
    ),
    _say(
        r"expected kind != 'Component' for path '([^']*)'",
        "{1} is a component, and is listed as a resource",
        "list it under `components`",
        finders.reference,
    ),
    _say(
        r"expected kind 'Component' for path '([^']*)' but got",
        "{1} is no component, and is listed as one",
        "list it under `resources`; or write `kind: Component` and its apiVersion into it",
        finders.reference,
    ),
    _say(
        r"Found multiple kustomization files under: (\S+)",
        "{1} holds two kustomization files",
        "keep one of kustomization.yaml, kustomization.yml and Kustomization",
        finders.folder,
    ),
    _say(
        r"new root cannot be empty",
        "an entry is empty",
        "write a file or folder, or take the line out",
        finders.empty_entry,
    ),
    _say(
        r"security; file '([^']*)' is not in or below '([^']*)'",
        "{1} lies outside of {2}, whose kustomization reads it",
        "move it there, or list a folder that has a kustomization of its own; or write into fairlead.yaml: "
        "`build: {{load_restrictor: none}}`",
        finders.reference,
    ),
    _say(
        r"accumulating resources from '([^']*)': missing Resource metadata",
        "{1} holds something that is no object",
        "write apiVersion, kind and metadata; or take it out of `resources`",
        finders.reference,
    ),
    _say(
        r"nothing selected by (\S+)",
        "the source of a replacement is not among the resources: {1}",
        "name a resource that is there",
        finders.source("name"),
    ),
    _say(
        r"multiple matches for selector (\S+)",
        "the source of a replacement selects several resources: {1}",
        "select by name, namespace and kind",
        finders.source("kind"),
    ),
    _say(
        r"fieldPath `([^`]*)` is missing for replacement source (\S+)",
        "the source of a replacement has no field {1}",
        "name a field that the source has",
        finders.source("fieldPath"),
    ),
    _say(
        r'unable to find field "([^"]*)" in replacement target',
        "a target of a replacement has no field {1}",
        "mend the path; `options: {{create: true}}` writes what isn't there yet",
        finders.field_path,
    ),
    _say(
        r"options\.index (\S+) is out of bounds for value (\S+)",
        "a replacement's `index` {1} is beyond the parts of {2}",
        "count the parts between delimiters from 0",
        finders.key("replacements"),
    ),
    _say(
        r"(delimiter option can only be used with scalar nodes|cannot specify both path and inline replacement|"
        r"replacements must specify a source and at least one target|target must specify resources to select|"
        r"value and resource selectors are mutually exclusive)",
        "a replacement is not whole: {1}",
        "write `source`, and `targets` each with `select` and `fieldPaths`",
        finders.key("replacements"),
    ),
    _say(
        r"testing value (\S+) failed",
        "the patch's `test` of {1} fails: another value stands there",
        "mend the value, or take the test out",
        finders.patch(finders.operation("path")),
    ),
    _say(
        r"Unexpected kind: (\S*)",
        "a patch has the operation {1!r}, which there isn't",
        "write add, replace, remove, move, copy or test",
        finders.patch(finders.operation("op")),
    ),
    _say(
        r"must specify a target for (?:JSON )?patch",
        "a JSON patch does not say what it is for",
        "write `target:` beside it, with kind and name",
        finders.patch(lambda _, patch: patch.listed if patch.operations and patch.target is None else None),
    ),
    _say(
        r"patch and path can't be set at the same time",
        "a patch has both `path` and `patch`",
        "keep one of them",
        finders.patch_entry(lambda entry: entry.get("path") is not None and entry.get("patch") is not None),
    ),
    _say(
        r"must specify one of patch and path|empty file path and empty patch content",
        "a patch has neither `path` nor `patch`",
        "write one of them",
        finders.patch_entry(lambda entry: not text_of(entry, "path") and not text_of(entry, "patch")),
    ),
    _say(
        r"Multiple Strategic-Merge Patches in one `patches` entry",
        "a patch with several documents has a target",
        "write each document as an entry of its own",
        finders.patch(lambda _, patch: patch.listed if patch.target and len(patch.merges) > 1 else None),
    ),
    _say(
        r"error parsing regexp: ([^:`]*)[^`]*: `\^?\(?(?:\?:)?(.*?)\)?\$?`",
        "a target's selector is no regular expression: {1}",
        "mend it; names are taken as regular expressions",
        finders.patch(finders.pattern),
    ),
    _say(
        r"wrong node kind: expected (\w+)Node but got (\w+)Node",
        "a patch has a {2} where its object has a {1} (as YAML calls them)",
        "write it as the object does: entries of lists after dashes",
        finders.key("patches", "patchesStrategicMerge"),
    ),
    _say(
        r"invalid literal source ([^,]*), expected key=value",
        "the literal {1!r} has no `=`",
        "write KEY=value",
        finders.literal,
    ),
    _say(
        r"(?:configmap|secret) (\S+) illegally repeats the key `([^`]*)`",
        "the generator of {1!r} has the key {2!r} twice",
        "keep one of the two",
        finders.generator(lambda match: match[1]),
    ),
    _say(
        r"a (?:configmap|secret) must have a name",
        "a generator has no name",
        "write `name:`",
        finders.generator(lambda _: ""),
    ),
    _say(
        r'merging from generator .*Name:"([^"]*)".*exists; can not use behavior',
        "two generators make {1!r}",
        "give one another name; or write `behavior: merge` where the other is a base's",
        finders.generator(lambda match: match[1], last=True),
    ),
    _say(
        r"found '(.*)', expected: (.*)",
        "a target's `labelSelector` or `annotationSelector` is wrong: {1!r} stands where {2} is expected",
        "write `key=value`, with commas between several",
        finders.patch(
            lambda _, patch: (
                patch.listed if patch.target and (patch.target.labels or patch.target.annotations) else None
            )
        ),
    ),
    _say(
        r"the field 'sortOptions\.order' must be one of \[([^\]]*)\]",
        "`sortOptions.order` is one of {1}",
        "write one of them",
        finders.key("sortOptions"),
    ),
    _say(
        r"considering field '([^']*)' of object (\w+)\.\S*?/([^\s.]+)\.\S+: visit traversal",
        "kustomize looks for {1} in the {2} {3!r}, and on the way there stands a value where it wants a map or a list",
        "mend the object, or the path in `configurations`; fields of kinds long gone are not known to kustomize",
        finders.object_,
    ),
    _say(
        r"unable to parse open API definition from '([^']*)'",
        "{1} is no OpenAPI document",
        "mend it, or take it out",
        finders.reference,
    ),
    _say(
        r"(?:external plugins disabled|plugin load is disabled|unable to load external plugin (\S*))",
        "a plugin is wanted here, and fairlead starts none",
        "render it to files, and list those",
        finders.key("generators", "transformers", "validators"),
    ),
)


def plain_words(text: str, closure: Closure, sources: Sources) -> tuple[str, str, Where | None] | None:
    """Message, remedy and place of a failure, where one of these sentences says it."""
    for saying in SAYINGS:
        match = saying.pattern.search(text)
        if match is not None:
            return (*saying.told(match), saying.find(match, closure, sources))
    return None
