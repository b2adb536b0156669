"""Write `environments/` anew from the template: python -m tests.unit.scaffold.regenerate."""

import shutil
from pathlib import Path

from fairlead.model.snapshot import EXECUTABLE
from fairlead.scaffold.render import render

ENVIRONMENTS = Path(__file__).resolve().parents[3] / "environments"


def main() -> None:
    """Replace the folder by the template's output with its defaults."""
    files = render("repo", {})
    shutil.rmtree(ENVIRONMENTS, ignore_errors=True)
    for name, file in files.items():
        path = ENVIRONMENTS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
        path.chmod(0o755 if file.mode == EXECUTABLE else 0o644)


if __name__ == "__main__":
    main()
