"""The adapter to kustomize: what is rendered and why is decided elsewhere."""
