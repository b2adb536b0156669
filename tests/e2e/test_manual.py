"""The manual's console blocks are run, and its runner does what its docstring says."""

import subprocess
import sys
from pathlib import Path

import pytest

from docs.manual import MARK, Command, Heading, Prose, check, demo, matches, read
from fairlead.policies import judge

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page.relative_to(ROOT).as_posix() for page in (ROOT / "docs").rglob("*.md") if "```console" in page.read_text()
)

SAMPLE = """# A page

Some words
before `it` all.

```console
$ mkdir a && cd a; NAME=world
$ echo "hello $NAME"; pwd
hello world
…/work/a
$ for i in 1 2 3 4; do
>   echo "line $i"
> done
line 1
...
line …
$ false  # exit 1
$ echo no >&2; exit 5
no
# exit 5
```

```sh
rm -rf everything
```
"""


@pytest.mark.parametrize("page", PAGES)
def test_the_manual_says_what_is_so(page):
    if page == "docs/howto/policies-in-cel.md" and judge.found() is None:
        pytest.skip("there is no fairlead-policies: no Go was found to build it with (make policies fetches one)")
    assert check(ROOT / page) == []


def test_a_page_is_read_as_headings_leading_words_and_commands():
    assert read(SAMPLE) == (
        Heading(1, "A page"),
        Prose("Some words before `it` all."),
        Command(7, "mkdir a && cd a; NAME=world", (), 0, 8, 8),
        Command(8, 'echo "hello $NAME"; pwd', ("hello world", "…/work/a"), 0, 9, 11),
        Command(11, 'for i in 1 2 3 4; do\n  echo "line $i"\ndone', ("line 1", "...", "line …"), 0, 14, 17),
        Command(17, "false", (), 1, 18, 18),
        Command(18, "echo no >&2; exit 5", ("no",), 5, 19, 20),
    )


def test_directory_and_variables_carry_over_and_expected_failures_are_fine(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(SAMPLE)
    assert check(page) == []


@pytest.mark.parametrize(
    ("expected", "output", "same"),
    [
        ((), (), True),
        ((), ("a",), False),
        (("...",), (), True),
        (("...", "z"), ("a", "b", "z"), True),
        (("a", "...", "c", "..."), ("a", "b", "c"), True),
        (("a", "...", "d"), ("a", "b", "c"), False),
        (("at … by …",), ("at noon by me",), True),
        (("a.c",), ("abc",), False),
    ],
)
def test_dots_stand_for_lines_and_an_ellipsis_for_text(expected, output, same):
    assert matches(expected, output) is same


def test_what_differs_is_shown_with_its_place_and_a_wrong_exit_code_ends_the_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo a\nb\n$ echo c; exit 3\nc\n$ echo never\n```\n")
    faults = check(page)
    assert [fault.splitlines()[0] for fault in faults] == [
        f"{page}:2: $ echo a",
        f"{page}:4: $ echo c; exit 3",
    ]
    assert "  -b\n  +a\n" in faults[0]
    assert "ended with 3, not 0" in faults[1]


def test_outputs_are_brought_up_to_date_and_those_that_match_are_kept(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "1. x\n\n    ```console\n    $ echo a; echo b\n    old\n    $ echo c\n    …\n    $ echo d\n    ```\n"
    )
    assert check(page, write=True) == []
    assert page.read_text() == (
        "1. x\n\n    ```console\n    $ echo a; echo b\n    a\n    b\n"
        "    $ echo c\n    …\n    $ echo d\n    d\n    ```\n"
    )


def test_pages_run_without_home_identity_or_colours(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "```console\n$ ls -A ~; git config user.email  # exit 1\n$ echo $NO_COLOR $COLUMNS $TZ\n1 100 UTC\n"
        f"$ command -v python\n{Path(sys.executable).parent}/python\n```\n"
    )
    assert check(page) == []


def test_the_demo_shows_each_step_and_keeps_the_folder_it_made(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"
    page.write_text(SAMPLE)
    assert demo(page, tmp_path / "demo") == 0  # only exit codes are compared
    page.write_text("# Title\n\nSome [words](x.md).\n\n```console\n$ mkdir shop; cd shop\n$ echo hi\nho\n```\n")
    capsys.readouterr()
    assert demo(page, tmp_path / "demo") == 0  # recreated
    told = capsys.readouterr().out
    for part in (
        "══ Title ",
        "  Some words.",
        "$ echo hi\n  hi\n",
        "2 commands in",
        "in demo/shop/ to look at",
    ):
        assert part in told
    assert (tmp_path / "demo/shop").is_dir()
    page.write_text("```console\n$ exit 4  # exit 5\n$ echo never\n```\n")
    assert demo(page, tmp_path / "demo") == 1


def test_a_folder_of_somebody_else_is_not_recreated(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").touch()
    page = tmp_path / "page.md"
    page.write_text("# x\n")
    with pytest.raises(SystemExit, match="was not made by a demo"):
        demo(page, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["file"]
    assert demo(page, tmp_path / "new") == 0
    assert (tmp_path / "new" / MARK).exists()


def test_the_command_checks_pages_and_says_what_is_wrong(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo a\nb\n```\n")
    done = subprocess.run(
        [sys.executable, "-m", "docs.manual", "--check", str(page)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{page}:2: $ echo a" in done.stdout
