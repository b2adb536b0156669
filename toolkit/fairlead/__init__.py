"""fairlead scaffolds GitOps kustomize mono-repos, validates their overlays and promotes changes."""

__version__ = "0.1.0"
