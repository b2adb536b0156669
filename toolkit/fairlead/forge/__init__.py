"""Places that keep pull requests: one a module, with `connect(repo, clock) -> Forge`.

They don't know each other. Adding one is its module, a line in `KINDS`, and a line in the tuple of
`tests/contract/test_forge.py`.
"""

# `forge.kind` of fairlead.yaml -> module, imported when it is asked for.
KINDS: dict[str, str] = {
    "local": "fairlead.forge.local",
}
