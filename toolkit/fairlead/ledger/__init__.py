"""The promotion history of a repository, rebuilt from any clone; the audit log beside it."""
