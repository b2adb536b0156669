"""The program behind policies: asked, killed, started again."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from fairlead.checks.policies import Document, Verdicts
from fairlead.edit.nodes import Mapping
from fairlead.model.errors import WorldError
from fairlead.policies.judge import Judge


def _document(expression: str) -> Document:
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}]
    spec = {"matchConstraints": {"resourceRules": rules}, "validations": [{"expression": expression}]}
    kind = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy"}
    return Document("p.yaml", "", Mapping([], 0, 0, 1, 1), {**kind, "metadata": {"name": "p"}, "spec": spec})


_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a": "b"}}


def test_it_judges_again_after_it_was_killed(program: str) -> None:
    judge = Judge(program)
    documents = (_document("object.data.a == 'c'"),)
    assert len(judge.judge("1.34", documents, (_MAP,)).violations) == 1
    os.kill(judge._running[0].pid, signal.SIGKILL)
    assert "ended" in judge.judge("1.34", documents, (_MAP,)).failure
    assert len(judge.judge("1.34", documents, (_MAP,)).violations) == 1
    judge.close()


def test_who_takes_too_long_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "slow"
    script.write_text('#!/bin/sh\necho \'{"protocol":1,"build":"b","apiserver":"a","cel":"c"}\'\nsleep 60\n')
    script.chmod(0o755)
    judge = Judge(str(script), timeout=0.2)
    assert judge.judge("1.34", (_document("true"),), ()) == Verdicts(failure="it took longer than 0.2 s")
    assert judge.identity == "b a c"
    judge.close()


@pytest.mark.parametrize(
    "text", ["#!/bin/sh\nexit 3\n", "#!/bin/sh\necho '{\"protocol\":99}'\n", "#!/bin/sh\necho x\n"]
)
def test_who_is_no_judge_of_policies_is_told_with_a_remedy(tmp_path: Path, text: str) -> None:
    script = tmp_path / "other"
    script.write_text(text)
    script.chmod(0o755)
    with pytest.raises(WorldError) as caught:
        Judge(str(script)).judge("1.34", (), ())
    assert "FAIRLEAD_BUILD_POLICIES=yes" in str(caught.value.remedy)


def test_numbers_that_json_does_not_know_are_a_failure_and_no_traceback(program: str) -> None:
    judge = Judge(program)
    verdicts = judge.judge("1.34", (_document("true"),), ({**_MAP, "data": float("inf")},))
    assert verdicts.failure
    judge.close()
