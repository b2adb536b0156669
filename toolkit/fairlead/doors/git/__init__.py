"""The door to git: plain commands for objects (fast, exact), GitPython for refs, history and remotes."""
