"""The door to git: plain commands for objects and history (fast, exact, clean environment), GitPython for the rest."""
