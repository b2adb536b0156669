"""Helm charts in overlays, where the configuration allows them: what may be asked of helm, and what it finds."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path

from fairlead.doors.proc import which
from fairlead.model.errors import WorldError
from fairlead.repo.graph import Graph

VARIABLE = "FAIRLEAD_HELM"  # helm's path, where it is not on PATH
_KEYS = ("helmCharts", "helmChartInflationGenerator", "generators")
# A release's name stands first, so that it could be a flag: `--post-renderer` would start any program.
_FENCE = """#!/bin/sh
# Stands before helm while kustomize renders: it renders charts that lie in the repository, and does nothing else.
case $1 in
version) ;;
template)
    for word in "$@"; do
        case $word in
        --generate-name | --namespace | --name-template | -f | --api-versions | --kube-version) ;;
        --include-crds | --skip-tests | --no-hooks | --debug | --devel) ;;
        -*) echo "fairlead does not hand $word to helm" >&2; exit 1 ;;
        esac
    done
    case $3 in
    "$FAIRLEAD_ROOT"/* | "$TMPDIR"/kustomize-*/*) ;;
    *) echo "fairlead inflates no chart from outside the repository" >&2; exit 1 ;;
    esac ;;
*) echo "fairlead pulls no charts: a chart must lie in the repository" >&2; exit 1 ;;
esac
home=${0%/*}/../home
export HELM_CONFIG_HOME="$home" HELM_CACHE_HOME="$home" HELM_DATA_HOME="$home" HELM_PLUGINS="$home/plugins" HOME="$home"
exec "${0%/*}/real" "$@"
"""


def found() -> str | None:
    """Where helm is; None where there is none."""
    return which(os.environ.get(VARIABLE) or "helm")


def inflates(graph: Graph, overlay: str) -> bool:
    """Whether an overlay's build may ask for helm: it inflates a chart itself, or a remote base may."""
    closure = graph.closure(overlay)
    return bool(closure.remote) or any(
        node.body is not None and any(key.value in _KEYS for key, _ in node.body.items)
        for node in closure.kustomizations
    )


class Fence:
    """A folder with what stands before helm; it is gone with its owner."""

    def __init__(self, program: str) -> None:
        try:
            made = Path(tempfile.mkdtemp(prefix="fairlead-")).resolve()
            weakref.finalize(self, shutil.rmtree, made, ignore_errors=True)
            for name in ("bin", "home", "temporary"):
                (made / name).mkdir()
            (made / "bin/real").symlink_to(Path(program).absolute())
            (made / "bin/helm").write_text(_FENCE, encoding="utf-8")
            (made / "bin/helm").chmod(0o700)
        except OSError as error:
            raise WorldError(f"can't make a temporary folder: {error.strerror}", remedy="set TMPDIR") from None
        self._folder = made

    @property
    def command(self) -> tuple[str, ...]:
        """What stands before helm."""
        return (str(self._folder / "bin/helm"),)

    def options(self) -> tuple[str, ...]:
        """What the program is told."""
        return ("--enable-helm", "--helm-command", str(self._folder / "bin/helm"))

    def environment(self, root: Path) -> dict[str, str]:
        """What it finds in its environment; `root` is where the repository's files are laid out.

        Clones of remote bases lie in TMPDIR.
        """
        return {"FAIRLEAD_ROOT": str(root), "TMPDIR": str(self._folder / "temporary")}
