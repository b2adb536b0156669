"""kustomize's and kubectl's error texts, as they come."""

from __future__ import annotations

import pytest

from fairlead.render.messages import message, warnings

_KLOG = 'E1123 10:42:23.147363   24625 run.go:72] "command failed" err='


@pytest.mark.parametrize(
    ("stderr", "expected"),
    [
        ("Error: accumulating '/t/x/dev/a.yaml': no such file", "accumulating 'dev/a.yaml': no such file"),
        (
            _KLOG + '"invalid Kustomization: unknown field \\"patchs\\""\n',
            'invalid Kustomization: unknown field "patchs"',
        ),
        (_KLOG + "<\n\tfirst at '/t/x'\n\tsecond\n >\n", "first at '.'\nsecond"),
        ("# Warning: 'bases' is deprecated.\nError: no\n", "no"),
        ("", "kustomize failed and said nothing"),
    ],
)
def test_prefixes_quoting_and_folders_are_taken_off(stderr: str, expected: str) -> None:
    assert message(stderr, ("/t/x",)) == expected


def test_warnings_are_told_once() -> None:
    text = "# Warning: 'bases' is deprecated.\n# Warning: 'bases' is deprecated.\n"
    assert warnings(text, ()) == ("Warning: 'bases' is deprecated.",)


def test_a_folder_whose_name_begins_alike_is_left_alone() -> None:
    assert message("Error: /t/xy/a and /t/x/a", ("/t/x",)) == "/t/xy/a and a"
