"""Runs the shell lines of scaffolded workflows as a runner would: what the manual promises of them is tried."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.sealed import environment

INSTALLS = ("pip install", "apt-get install")


@dataclass
class Runner:
    """A fresh machine with what actions would have given it.

    `values` says what the expressions of `env:` and `if:` are; one that it lacks is an error.
    """

    folder: Path
    temp: Path
    values: dict[str, str | bool] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    def job(self, workflow: str, name: str) -> tuple[int, str]:
        """A job of a GitHub or Forgejo workflow, up to a step that fails; exit code and output."""
        return self.steps(yaml.safe_load((self.folder / workflow).read_text())["jobs"][name])

    def steps(self, job: dict[str, Any]) -> tuple[int, str]:
        """The steps of such a job."""
        told = ""
        for step in job["steps"]:
            if "run" not in step or any(word in step["run"] for word in INSTALLS) or not self._wanted(step):
                continue
            env = {key: str(self._value(text)) for key, text in (job.get("env", {}) | step.get("env", {})).items()}
            code, said = self.shell(step["run"], env)
            told += said
            if code:
                return code, told
        return 0, told

    def gitlab(self, name: str) -> tuple[int, str]:
        """A job of `.gitlab/ci/fairlead.yml`: what goes before, and its script, are one shell's."""
        jobs = yaml.safe_load((self.folder / ".gitlab/ci/fairlead.yml").read_text())
        job = jobs[name]
        while "extends" in job:
            base = jobs[job["extends"]]
            job = {**base, **job, "variables": base.get("variables", {}) | job.get("variables", {})}
            if "extends" in base:
                job["extends"] = base["extends"]
            else:
                del job["extends"]
        env = {key: str(text).replace("$CI_PROJECT_DIR", str(self.folder)) for key, text in job["variables"].items()}
        lines = [line for line in (*job["before_script"], *job["script"]) if not any(word in line for word in INSTALLS)]
        return self.shell("\n".join(lines), env)

    def shell(self, script: str, env: dict[str, str]) -> tuple[int, str]:
        """As runners start it: up to the first command that fails."""
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env=environment(self.temp, RUNNER_TEMP=str(self.temp), **(env | self.variables)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        return done.returncode, done.stdout

    def _wanted(self, step: dict[str, str]) -> bool:
        return "if" not in step or bool(self.values[step["if"].strip()])

    def _value(self, text: str) -> str | bool:
        if not text.startswith("${{"):
            return text
        return self.values[text.removeprefix("${{").removesuffix("}}").strip()]
