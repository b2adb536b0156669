"""The gate in CI against a real Gitea: from a clone of the branch alone, and from one of the pull request's commit."""

from __future__ import annotations

import json
import time

import pytest

from tests.e2e.test_on_gitea import Person, person, shop  # noqa: F401  a fixture
from tests.forges import gitea

pytestmark = pytest.mark.skipif(gitea.CACHED is None, reason=gitea.WHY_NOT)


def rows(who: Person) -> dict[int, dict]:
    return {row["number"]: row for row in json.loads(who.run("gate", "--all-open", "--json").stdout)["pulls"]}


def test_what_ci_has_checked_out_is_data_and_the_rules_are_the_branchs(shop, tmp_path):  # noqa: F811
    server, project, ann, _ = shop
    ann.fine("promote", "web", "--to", "staging", "--yes")
    ci = person(server, "ann", project, tmp_path / "ci")
    head = server.call("GET", f"repos/{project}/pulls/1")["head"]["sha"]
    ci.git("fetch", "--quiet", "origin", "refs/pull/1/head")
    ci.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    ci.git("branch", "--quiet", "-D", "main")
    done = ci.run("gate", "1", CI_DEFAULT_BRANCH="main")
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "reaches staging"), done.stderr
    (status,) = server.call("GET", f"repos/{project}/commits/{head}/statuses")
    assert (status["context"], status["status"]) == ("fairlead/gate", "pending")


def test_since_when_something_runs_is_known_to_the_next_job_too(shop, tmp_path):  # noqa: F811
    """A version that was set by a push: nobody but the log says when, and each job begins with a new clone."""
    server, project, ann, _ = shop
    text = (
        (ann.clone / "fairlead.yaml")
        .read_text()
        .replace("staging: {gates: {approvals: 1}}", "staging: {gates: {soak: 2s}}")
    )
    (ann.clone / "fairlead.yaml").write_text(text)
    ann.git("commit", "--quiet", "-am", "Soak")
    ann.git("push", "--quiet", "origin", "main")
    ann.fine("set", "web", "dev", "image=registry.example.com/web:1.2.0")
    ann.git("push", "--quiet", "origin", "main")
    ann.fine("promote", "web", "--to", "staging", "--yes")
    time.sleep(2)
    found = rows(person(server, "ann", project, tmp_path / "next"))
    assert found[1]["state"] == "success", found
    assert not server.call("GET", f"repos/{project}/pulls/1")["draft"]
