"""The caches that Go has on this machine, for tests that build: from nothing a build takes a minute."""

from __future__ import annotations

import json
import shutil
import subprocess


def _caches() -> dict[str, str]:
    go = shutil.which("go")
    if go is None:
        return {}
    said = subprocess.run([go, "env", "-json", "GOCACHE", "GOMODCACHE"], capture_output=True, text=True, check=False)
    return {name: value for name, value in json.loads(said.stdout or "{}").items() if value not in ("", "off")}


CACHES = _caches()  # taken at once: when a test runs, its home is an empty one
