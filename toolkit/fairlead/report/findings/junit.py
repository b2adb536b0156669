"""JUnit XML, which Jenkins, GitLab and others show as tests: each overlay is one, and fails where an error hits it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from fairlead.model.findings import Finding, Severity
from fairlead.model.overlays import OverlayId
from fairlead.model.rendering import Built
from fairlead.report.findings.order import counted, many, worst_first
from fairlead.report.findings.report import Report
from fairlead.report.visible import clean, flat

MOST = 20  # findings that one test tells of
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def written(report: Report) -> str:
    """The report, in ASCII: other letters are character references."""
    by_overlay: dict[str, list[Finding]] = {}
    elsewhere: dict[str, list[Finding]] = {}
    judged = {result.overlay for result in report.results}
    for finding in worst_first(report.findings):
        hit = [overlay for overlay in finding.overlays if overlay in judged]
        for overlay in hit:
            by_overlay.setdefault(overlay, []).append(finding)
        if not hit:
            elsewhere.setdefault(finding.where.path, []).append(finding)
    ids = {overlay.path: overlay.id for overlay in report.layout.overlays}
    root = ElementTree.Element("testsuites", name="fairlead check")
    overlays = [
        _overlay(result, ids.get(result.overlay), by_overlay.get(result.overlay, ())) for result in report.results
    ]
    seconds = sum(result.seconds for result in report.results)
    suites = [_suite("overlays", overlays, seconds)]
    if elsewhere:
        suites.append(_suite("files", [_test(clean(path), "files", found) for path, found in elsewhere.items()]))
    root.extend(suites)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("time", f"{seconds:.3f}")
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    return _HEAD + text.encode("ascii", "xmlcharrefreplace").decode("ascii") + "\n"


def _suite(name: str, tests: Sequence[ElementTree.Element], seconds: float = 0.0) -> ElementTree.Element:
    failures = sum(test.find("failure") is not None for test in tests)
    suite = ElementTree.Element(
        "testsuite", name=name, tests=str(len(tests)), failures=str(failures), errors="0", skipped="0",
        time=f"{seconds:.3f}",
    )  # fmt: skip
    suite.extend(tests)
    return suite


def _overlay(result: Built, overlay: OverlayId | None, found: Sequence[Finding]) -> ElementTree.Element:
    """The class is environment and app, which Jenkins shows as a package and what is in it."""
    words = ("overlays",) if overlay is None else (overlay.env, overlay.cluster, overlay.app)
    name = ".".join(clean(word).replace(".", "_") for word in words if word)
    test = _test(clean(result.overlay or "."), name, found)
    test.set("time", f"{result.seconds:.3f}")
    return test


def _test(name: str, group: str, found: Sequence[Finding]) -> ElementTree.Element:
    test = ElementTree.Element("testcase", name=name, classname=group, time="0.000")
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    others = [finding for finding in found if finding.severity is not Severity.ERROR]
    if errors:
        first = flat(errors[0].message)
        more = f" (and {many(len(errors) - 1, 'more error')})" if len(errors) > 1 else ""
        ElementTree.SubElement(test, "failure", type=errors[0].rule, message=first + more).text = _told(errors)
    if others:
        ElementTree.SubElement(test, "system-out").text = _told(others)
    return test


def _told(found: Sequence[Finding]) -> str:
    lines = [line for finding in found[:MOST] for line in _lines(finding)]
    if len(found) > MOST:
        lines.append(f"and {counted(found[MOST:])} more")
    return "\n".join(lines)


def _lines(finding: Finding) -> Iterable[str]:
    yield f"{clean(str(finding.where))} {finding.severity.value} {flat(finding.message)} [{finding.rule}]"
    if finding.remedy:
        yield f"    {flat(finding.remedy)}"
