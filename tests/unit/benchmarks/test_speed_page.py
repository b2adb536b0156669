"""The page about speed: made from results alone, and up to date with those that lie in the clone."""

import json

import pytest

from benchmarks.page import BEGIN, END, fill, main, section

MACHINE = {
    "cores": 2, "cpu": "a CPU", "memory_mb": 4096, "system": "Linux x86_64",
    "load": [0.5, 0, 0], "load_at_end": [1.5, 0, 0],
    "python": "3.12.1", "git": "2.50", "go": "none", "fairlead": "0.1.0", "commit": "abc", "renderer": "a renderer",
}  # fmt: skip


def report(name, *figures, quick=False, **more):
    return {
        "measure": name, "quick": quick, "at": "2025-01-02T03:04:05+00:00", "machine": MACHINE,
        "tools": {"kustomize": "v5.8.1"}, "missing": {}, "figures": list(figures), **more,
    }  # fmt: skip


def figure(what, value, unit, goal=None, at_most=False, met=None):
    return {"what": what, "value": value, "unit": unit, "goal": goal, "at_most": at_most, "met": met}


def test_figures_are_told_with_their_goals_in_the_order_of_the_measures():
    made = section(
        [
            report("start", figure("--help", 31.7, "ms", 20, at_most=True, met=False)),
            report("parity", figure("the same", 0.99999, "of all", 1.0, met=False)),
            report("render", figure("against it", 9.256, "x", 9, met=True), figure("from a commit", 1.0, "x")),
            report("base", figure("only those", 1.0, "", 1, met=True)),
        ]
    )
    assert made == (
        "| measure | figure | goal | met |\n"
        "|---|---|---|---|\n"
        "| `render`: against it | 9.26x | at least 9x | yes |\n"
        "| `render`: from a commit | 1x |  |  |\n"
        "| `base`: only those | yes | yes | yes |\n"
        "| `parity`: the same | 99.99 % | 100 % | no |\n"
        "| `start`: --help | 32 ms | at most 20 ms | no |\n"
        "\n"
        "Measured on 2025-01-02: 2 cores of a CPU, 4 GB, Linux x86_64, Python 3.12.1, git 2.50; fairlead 0.1.0 (abc), "
        "a renderer. Load before and after each measure: 0.5 to 1.5.\n"
        "\n"
        "Peers: kustomize v5.8.1.\n"
    )


def test_a_quick_run_is_called_one_and_meets_no_goal():
    made = section([report("render", figure("against it", 2.0, "x", 9, met=False), quick=True)])
    assert made.startswith('!!! warning "Figures of a quick run"\n    All figures come from small repositories')
    assert "| `render`: against it | 2x | at least 9x |  |\n" in made


def test_what_is_missing_is_said():
    skipped = report("install", skipped="name a wheel", missing={"flate": "there is no Go"})
    del skipped["figures"]
    made = section([report("render", figure("against it", 2.0, "x")), skipped])
    assert "\n- `install` was not measured: name a wheel.\n- flate is missing: there is no Go.\n" in made


def test_only_what_stands_between_the_marks_is_replaced():
    page = f"# Speed\n\n{BEGIN}\nold\n{END}\n\nrest\n"
    made = fill(page, "new\n")
    assert made == f"# Speed\n\n{BEGIN}\n\nnew\n\n{END}\n\nrest\n"
    assert fill(made, "new\n") == made
    with pytest.raises(ValueError, match="marks"):
        fill("# Speed\n", "new\n")


def test_the_command_writes_the_page_and_says_when_it_is_old(tmp_path):
    page, result = tmp_path / "speed.md", tmp_path / "render.json"
    page.write_text(f"{BEGIN}\n{END}\n")
    result.write_text(json.dumps(report("render", figure("against it", 9.256, "x", 9, met=True))))
    arguments = [str(result), "--page", str(page)]
    assert main([*arguments, "--check"]) == 1
    assert main(arguments) == 0
    assert "9.26x" in page.read_text()
    assert main([*arguments, "--check"]) == 0


def test_the_manual_shows_the_results_that_lie_in_the_clone():
    assert main(["--check"]) == 0
