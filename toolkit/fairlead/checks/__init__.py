"""Pure: a snapshot and what kustomize made of its overlays in, findings out."""
