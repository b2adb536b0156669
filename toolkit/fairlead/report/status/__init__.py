"""Reports of how the environments stand."""
