"""A plan becomes commits, one ref, a pull request. Rerunnable at any point: the same plan, the same ids."""
