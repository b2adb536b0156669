"""One command a file; each has `command`, a click command. `COMMANDS` says which there are, in help's order."""

# name -> (module, one line of help): known without importing any of them, so that start-up stays short.
COMMANDS: dict[str, tuple[str, str]] = {
    "new": ("new", "Scaffold a repository: a base, an overlay per environment, CI, docs."),
    "check": ("check", "Validate overlays: build, schema, dead entries, tags, namespaces."),
    "affected": ("affected", "Which overlays, apps and environments a change reaches."),
    "diff": ("diff", "What a change does to the rendered objects; how environments differ."),
    "report": ("report", "Put the reports of a check's shards together."),
    "render": ("render", "Print the objects of an app in an environment."),
    "status": ("status", "Apps x environments: what runs where, what is behind."),
    "set": ("set_", "Bring a version into an environment (the first one, usually)."),
    "promote": ("promote", "Carry changes along the chain by commits and pull requests."),
    "explain": ("explain", "What a rule or a gate means; why a field is promoted or kept."),
    "rollback": ("rollback", "Take an app in an environment back to an earlier state."),
    "release": ("release", "End the hold that a rollback left on what it took back."),
    "backport": ("backport", "Carry a hotfix to the environment before it."),
    "pr": ("pr", "Pull requests: list, show, open, approve, merge, close."),
    "gate": ("gate", "May a pull request be merged now? Whom does it reach?"),
    "history": ("history", "What came into the environments, when, by whom."),
    "docs": ("docs", "Build or serve the pages of this repository's environments."),
    "schemas": ("schemas", "Bring the schemas of custom resources into the repository."),
    "cache": ("cache", "What is kept from run to run: show, verify, clear."),
    "completion": ("completion", "The script that completes these words in your shell."),
    "doctor": ("doctor", "What is missing here, and how to get it."),
}
ALIASES = {"validate": "check", "build": "render"}
