"""Places that keep pull requests: one a module.

They don't know each other. The local one has `connect(repo, clock)`, those on a server
`connect(repo, clock, place, token)`: a `hosted.HostedForge` over a class of their own that meets `host.Host`. Adding
one is its module, a line in `KINDS`, and a line in the tuple of `tests/contract/test_forge.py`.
"""

# `forge.kind` of fairlead.yaml -> module, imported when it is asked for.
KINDS: dict[str, str] = {
    "local": "fairlead.forge.local",
    "gitea": "fairlead.forge.gitea",
    "github": "fairlead.forge.github",
    "gitlab": "fairlead.forge.gitlab",
}
