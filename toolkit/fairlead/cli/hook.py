"""What pre-commit wants of a hook. Its environment tells, for the file names that it hands over lack deleted ones."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.model.values import dataclass


@dataclass(frozen=True)
class Hooked:
    """`since` and `at`: the two ends of the commits that are asked about; `idle`: nobody is committing just now."""

    since: str | None = None
    at: str | None = None
    idle: bool = False

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Hooked:
        """What the environment says: `run --from-ref A --to-ref B`, a push, `run [--all-files]`, or a commit.

        git names the index to hooks of a commit. Without that, people or CI run the hook, as they like.
        """
        if environment.get("PRE_COMMIT") != "1":
            return cls()
        since, at = environment.get("PRE_COMMIT_FROM_REF"), environment.get("PRE_COMMIT_TO_REF")
        if since and at:
            return cls(since, at)
        return cls(idle="GIT_INDEX_FILE" not in environment)
