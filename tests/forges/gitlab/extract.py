"""Takes from GitLab's own Go client what the double is checked against: `python -m tests.forges.gitlab.extract`.

Answers that its tests recorded (files, and texts within the tests), and the types of its options and answers.
Needs Go, which fetches the module.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.forges.gitlab.operations import OPERATIONS

MODULE, VERSION = "gitlab.com/gitlab-org/api/client-go", "v1.46.0"
HERE = Path(__file__).parent / "client_go"
_STRUCT = re.compile(r"^(?:type )?\t?(\w+) struct \{\n(.*?)^\t?\}", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^\t+(\w+)\s+(\S+)\s+`(.*?)`", re.MULTILINE)
_EMBEDDED = re.compile(r"^\t+\*?([A-Z]\w*)$", re.MULTILINE)
_NAMED = re.compile(r"^type (\w+) ([\w\[\]*.]+)$", re.MULTILINE)
_TAG = re.compile(r'(url|json):"([^",]*)')
_TEXT = "func {name}\\(.*?Fprintf?\\(w, `(.*?)`"


def main() -> None:
    told = json.loads(_go("mod", "download", "-json", f"{MODULE}@{VERSION}"))
    source = Path(told["Dir"])
    for folder in ("testdata", "inline"):
        shutil.rmtree(HERE / folder, ignore_errors=True)
        (HERE / folder).mkdir(parents=True)
    texts = [path.read_text() for path in source.glob("*.go")]
    tests = "\n".join(path.read_text() for path in source.glob("*_test.go"))
    for name in sorted({one.recorded for one in OPERATIONS if one.recorded}):
        folder, _, file = name.partition("/")
        if folder == "testdata":
            shutil.copyfile(source / "testdata" / file, HERE / name)
        else:
            found = re.search(_TEXT.format(name=Path(file).stem), tests, re.DOTALL)
            assert found is not None, name
            (HERE / name).write_text(json.dumps(json.loads(found[1]), indent=2) + "\n")
    shutil.copyfile(source / "LICENSE", HERE / "LICENSE")
    wanted = [name.removeprefix("[]") for one in OPERATIONS for name in (one.options, one.answer) if name]
    types = _types("\n".join(texts), wanted)
    row = {"module": MODULE, "version": VERSION, "types": types}
    (HERE / "types.json").write_text(json.dumps(row, indent=1, sort_keys=True) + "\n")


def _types(text: str, wanted: list[str]) -> dict[str, Any]:
    """Each type that is reached: its fields by their names in the API, or what a named type stands for."""
    structs = dict(_STRUCT.findall(text))
    named = dict(_NAMED.findall(text))
    out: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        if name in out or name not in structs | named:
            continue
        if name in structs:
            out[name] = _fields(structs[name], structs)
            wanted += [word for kind in out[name].values() for word in re.findall(r"[A-Z]\w+", kind)]
        else:
            out[name] = named[name]
            wanted += re.findall(r"[A-Z]\w+", named[name])
    return out


def _fields(body: str, structs: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in _EMBEDDED.findall(body):
        found |= _fields(structs.get(name, ""), structs)
    for name, kind, tags in _FIELD.findall(body):
        for _, word in _TAG.findall(tags):
            found[word or name] = kind
    if "User *BasicUser" in body:  # without a tag: Go matches names in any case
        found["user"] = "*BasicUser"
    return found


def _go(*argv: str) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        return subprocess.run(["go", *argv], cwd=scratch, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
