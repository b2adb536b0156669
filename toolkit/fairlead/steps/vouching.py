"""Whether what fairlead says on a forge counts: whose token it is, what that may do, what the branch demands."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

from fairlead.model.errors import FairleadError
from fairlead.model.pulls import GATE, Forge, Protection
from fairlead.model.values import dataclass
from fairlead.repo.config import Config
from fairlead.steps.forging import Login, connected
from fairlead.steps.world import World, environments

_OWN = ("GITHUB_TOKEN", "GH_TOKEN", "GITEA_TOKEN", "FORGEJO_TOKEN")
_TOKEN = {
    "github": "a GitHub App's (actions/create-github-app-token)",
    "gitlab": "a project access token with the scope api",
    "gitea": "an access token of an account of its own",
}
_PINS = ("github",)  # where a status can be bound to the app that sets it


@dataclass(frozen=True)
class Word:
    """One thing that was looked at; `remedy` is empty where all is well."""

    what: str
    state: str
    remedy: str = ""


def own_token(login: Login, variables: Mapping[str, str]) -> str:
    """What to do where the token is the one that CI gives to every workflow; empty where it is another."""
    actions = variables.get("GITHUB_ACTIONS") == "true" and login.source in _OWN  # Gitea and Forgejo set it, too
    if not (actions or login.source == "CI_JOB_TOKEN"):
        return ""
    return (
        f"this is a workflow's own token, and pull requests that it opens start no workflow: their checks never come. "
        f"FAIRLEAD_TOKEN takes another, {_TOKEN[login.kind]}"
    )


def asked(world: World, config: Config, patience: float) -> tuple[Word, ...]:
    """What the forge itself says, within `patience` seconds; an error is a word, too."""
    found: list[Word] = []
    faults: list[Exception] = []

    def ask() -> None:
        try:
            found.extend(_told(connected(world, config), environments(world).branch))
        except FairleadError as error:
            found.append(Word("asked", error.message, error.remedy or "see docs/howto/forges.md"))
        except Exception as error:
            faults.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(patience)
    if asking.is_alive():
        return (Word("asked", f"no answer within {patience:g} seconds", "try again, or look at the forge yourself"),)
    if faults:
        raise faults[0]
    return tuple(found)


def _told(forge: Forge, branch: str) -> Iterator[Word]:
    may: list[str] = []
    for right in forge.rights():
        if right.allowed:
            may.append(right.what)
        else:
            state = "can't be told" if right.allowed is None else "not allowed"
            yield Word("rights", f"{right.what}: {state}", right.remedy or "try it")
    if may:
        yield Word("rights", f"may {'; '.join(may)}")
    if forge.kind != "local":
        yield _branch(forge.kind, branch, forge.protection(branch))


def lacking(forge: Forge, branch: str) -> str:
    """What the forge's rules of the branch lack so that the gate holds, and what to do; empty where nobody knows."""
    demands = forge.protection(branch) if forge.kind != "local" else Protection(known=False)
    word = _branch(forge.kind, branch, demands)
    return f"{word.state}: {word.remedy}" if demands.known and word.remedy else ""


def _branch(kind: str, branch: str, demands: Protection) -> Word:
    if not demands.known:
        return Word("branch", f"what {branch} demands may not be read with this token", f"see that it requires {GATE}")
    if GATE not in demands.required:
        state = f"{branch} does not require {GATE}: a merge on the forge's own page asks no gate"
        return Word("branch", state, "require it; docs/howto/ci.md has the rules to import")
    if kind in _PINS and GATE not in demands.pinned:
        state = f"{branch} requires {GATE}, from whoever sets it: any workflow can"
        return Word("branch", state, "let only fairlead's own app set it (integration_id in .github/ruleset.json)")
    if demands.pushes:
        state = f"{branch} requires {GATE}, and can be pushed to past it"
        return Word("branch", state, "demand a pull request before merging")
    return Word("branch", f"{branch} requires {GATE}" + (", and queues merges" if demands.queue else ""))
