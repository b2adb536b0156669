"""Findings for the tests of all formats, some of them hostile."""

from __future__ import annotations

from dataclasses import replace

from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.overlays import Layout, Overlay, OverlayId
from fairlead.model.rendering import Built
from fairlead.report.findings.report import Report, Rule

# What somebody may write into a repository to deceive, or to break a format: an escape sequence, a text turned round,
# what XML forbids, a workflow command, Markdown, a mention, a token, bytes that are no UTF-8.
HOSTILE = (
    "\x1b[2J\x00\x07 \u202egpj.exe\u2066 \ufffe\uffff \x85\u2028\r\n::error file=x::pwned\n::stop-commands::x %0A"
    " </failure> ]]> ``` | <img src=x> [click](1) @everyone https://u:hunter2@host/ ghp_abcdefghijklmnop \udcff 日本"
)
PATH = HOSTILE.replace("u:hunter2@", "")
CONTROLS = ("\x1b", "\x00", "\x07", "\u202e", "\u2066", "\ufffe", "\uffff", "\x85", "\u2028", "\r", "hunter2", "\udcff")

FINDINGS = (
    Finding("unread-file", Severity.WARNING, "nobody reads it", "delete it", Where("a.yaml", 1, 1)),
    Finding(
        "schema", Severity.ERROR, "unknown field", "remove it", Where("base/s.yaml", 6, 3), "o/dev", "Service/web",
        ("o/dev/kustomization.yaml:2:3", "base/kustomization.yaml:1"), ("o/a", "o/b", "o/c", "o/dev"),
    ),
    Finding("no-schema", Severity.NOTE, "no schema for Widget", "nothing", Where("base/w.yaml", 2, 1)),
)  # fmt: skip
RESULTS = (Built("o/dev", seconds=0.250_04, fresh=False), Built("", "build", "broken"))
LAYOUT = Layout((Overlay(OverlayId("web", "dev"), "o/dev"),))
RULES = {
    "schema": Rule(
        "schema", "What Kubernetes refuses.\n\nOr drops.", "error", "schema",
        (("pod.yaml", "kind: Pod\n"),), (("pod.yaml", "kind: Pod # fine\n"),),
    )
}  # fmt: skip
REPORT = Report(
    FINDINGS, RESULTS, LAYOUT, "kustomize v5.8.1", ("a note",), version="1.2.3", rules=RULES,
    source={"base/s.yaml": b"a\nb\nc\nd\ne\nf: wrong\n"}.get,
)  # fmt: skip


def hostile() -> Report:
    """A report every text of which is hostile."""
    found = Finding(
        "schema", Severity.ERROR, HOSTILE, HOSTILE, Where(PATH, 3, 2), HOSTILE, HOSTILE, (PATH,), (HOSTILE, "o/dev")
    )  # fmt: skip
    return replace(
        REPORT, findings=(found, replace(found, severity=Severity.WARNING)), notes=(HOSTILE,),
        results=(Built(HOSTILE, "build", HOSTILE), Built("o/dev")),
        source=lambda path: f"\n\n{HOSTILE}\n".encode("utf-8", "surrogatepass"),
    )  # fmt: skip


def many(count: int, severity: Severity, rule: str = "many") -> tuple[Finding, ...]:
    """Findings of one rule in many files."""
    return tuple(
        Finding(rule, severity, f"fault {at}", "mend it", Where(f"f/{at:05}.yaml", at + 1, 1)) for at in range(count)
    )
