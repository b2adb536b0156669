"""What is in a wheel and in an sdist, and that the same sources give the same."""

from __future__ import annotations

import json
import stat
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from fairlead import __version__
from tests.packaging.conftest import VARIABLE, built

pytestmark = pytest.mark.slow

_NAME = f"fairlead-{__version__}"
_SCRIPT = f"{_NAME}.data/scripts/fairlead-renderer"
_LICENCES = f"{_NAME}.dist-info/extra_metadata/renderer-licenses.txt"


def _says(wheel: Path, folder: Path) -> dict[str, str]:
    """What the renderer of a wheel says of itself."""
    with zipfile.ZipFile(wheel) as archive:
        program = Path(archive.extract(_SCRIPT, folder))
    program.chmod(0o755)
    said: dict[str, str] = json.loads(subprocess.run([program, "--version"], capture_output=True, check=True).stdout)
    return said


def test_a_wheel_is_for_its_platform_and_carries_the_renderer_with_its_licences(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        mode = archive.getinfo(_SCRIPT).external_attr >> 16
        about = archive.read(f"{_NAME}.dist-info/WHEEL").decode()
        licences = archive.read(_LICENCES).decode()
    assert wheel.name.startswith(f"{_NAME}-py3-none-")
    assert "none-any" not in wheel.name
    assert "Root-Is-Purelib: false" in about
    assert stat.S_IMODE(mode) == 0o755
    assert {"fairlead/__main__.py", "fairlead/_templates/repo/copier.yml"} <= set(names)
    assert not [name for name in names if name.endswith((".go", "compile.py", "hatch_build.py"))]
    for module in ("The Go standard library", "sigs.k8s.io/kustomize/api v0.21.1", "gopkg.in/yaml.v3 v3.0.1"):
        title, _, rest = licences.partition(f"==== {module} ====\n")
        assert title != licences
        assert len(rest.partition("\n====")[0]) > 500


def test_a_sdist_has_the_modules_and_their_licences_and_no_program(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        files = {member.name.removeprefix(f"{_NAME}/"): member for member in archive if member.isfile()}
        for name, member in files.items():
            content = archive.extractfile(member)
            assert content is not None
            assert content.read(4) not in (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"MZ\x90\x00"), name
    vendor = "toolkit/renderer/vendor"
    assert {
        "hatch_build.py",
        "toolkit/renderer/compile.py",
        "toolkit/renderer/main.go",
        f"{vendor}/modules.txt",
        f"{vendor}/sigs.k8s.io/kustomize/api/LICENSE",
    } <= set(files)
    assert sdist.stat().st_size < 4_000_000


def test_a_sdist_gives_the_same_wheel_without_a_proxy_and_without_modules(
    wheel: Path, sdist: Path, tmp_path: Path
) -> None:
    (tmp_path / "un packed").mkdir()
    subprocess.run(["tar", "xzf", sdist, "-C", tmp_path / "un packed"], check=True)
    closed = {VARIABLE: "yes", "GOPROXY": "off", "GOMODCACHE": str(tmp_path / "no-modules"), "GOFLAGS": "-mod=mod"}
    made = built("wheel", tmp_path / "made", tmp_path / "un packed" / _NAME, closed)
    assert made.name == wheel.name
    with zipfile.ZipFile(made) as one, zipfile.ZipFile(wheel) as other:
        assert one.namelist() == other.namelist()
        differ = {name for name in one.namelist() if one.read(name) != other.read(name)}
    # Go notes the checksums of modules that it fetched, and has none of those that were laid beside it.
    assert differ <= {_SCRIPT, f"{_NAME}.dist-info/RECORD"}
    assert _says(made, tmp_path / "one") == _says(wheel, tmp_path / "other")


def test_the_same_sources_give_the_same_bytes_whatever_is_set_for_other_builds(
    wheel: Path, sdist: Path, tmp_path: Path
) -> None:
    other = {
        VARIABLE: "yes", "GOFLAGS": "-tags=other -race", "GOOS": "plan9", "GOARCH": "mips", "GOAMD64": "v4",
        "CGO_ENABLED": "1", "GOWORK": str(tmp_path / "go.work"), "GO111MODULE": "off", "GOTOOLCHAIN": "go1.99.0",
        "HOME": "",
    }  # fmt: skip
    assert built("wheel", tmp_path / "wheel", environment=other).read_bytes() == wheel.read_bytes()
    del other["HOME"]
    assert built("sdist", tmp_path / "sdist", environment=other).read_bytes() == sdist.read_bytes()


def test_a_wheel_without_the_renderer_is_for_any_platform(tmp_path: Path, without_go: str) -> None:
    made = built("wheel", tmp_path / "made", environment={VARIABLE: "no", "PATH": without_go})
    assert made.name == f"{_NAME}-py3-none-any.whl"
    with zipfile.ZipFile(made) as archive:
        assert not [name for name in archive.namelist() if name.rpartition("/")[2].startswith("fairlead-renderer")]
