"""YAML as positioned nodes and byte-exact splices of it. Knows nothing of kustomize, git or disks."""
