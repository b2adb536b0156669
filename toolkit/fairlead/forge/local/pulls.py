"""The local forge: every write under one lock and by compare-and-swap of one ref."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from fairlead.doors.git.plumbing import ZERO
from fairlead.doors.git.repository import Repository
from fairlead.doors.lock import clear_stale, locked
from fairlead.forge.branches import refuse_odd
from fairlead.forge.local import landing, wire
from fairlead.forge.refusals import require_lower_merged, require_open
from fairlead.model.errors import ConflictError, UsageError, WorldError
from fairlead.model.pulls import Comment, Draft, Method, Protection, Pull, PullState, Review, Right, Status, person
from fairlead.model.runtime import Clock
from fairlead.model.snapshot import File

PREFIX = "refs/fairlead/pulls/"
STATUSES = "refs/fairlead/statuses/"
_OURS = "fairlead/"  # head branches below it are made, and removed, by us


class LocalForge:
    """Meets model.pulls.Forge."""

    def __init__(self, repo: Repository, clock: Clock) -> None:
        self._repo = repo
        self._clock = clock
        self._known: dict[str, Pull] = {}  # by commit id, so never stale
        self._notes: dict[str, str] = {}

    @property
    def kind(self) -> str:
        """See Forge."""
        return "local"

    def follow(self, branch: str) -> None:
        """See Forge."""

    def fetch(self, ref: str) -> str | None:
        """See Forge."""
        return self._repo.git.resolve(ref)

    def share(self) -> bool:
        """See Forge."""
        return True

    # ── reading ──

    def find(self, key: str) -> Pull | None:
        """See Forge."""
        return next((p for p in self.pulls(open_only=True) if p.want.key == key), None)

    def get(self, number: int) -> Pull:
        """See Forge. Raises WorldError where the record is damaged."""
        return self._get(number)[0]

    def pulls(self, *, open_only: bool = False, reviewed: bool = False) -> tuple[Pull, ...]:
        """See Forge; reviews come in any case."""
        self._notes.clear()
        found = []
        for number, oid in sorted(self._refs().items()):
            try:
                pull = self._read(number, oid)
            except wire.Damaged as damage:
                self._notes[f"{PREFIX}{number}"] = f"pull request {number} can't be read: {damage}"
                continue
            if pull.state is PullState.OPEN or not open_only:
                found.append(pull)
        return tuple(found)

    def notes(self) -> tuple[str, ...]:
        """See Forge; of the last listing."""
        return tuple(self._notes.values())

    def _refs(self) -> dict[int, str]:
        refs = {}
        for name, oid in self._repo.refs(PREFIX).items():
            number = name.removeprefix(PREFIX)
            if number.isascii() and number.isdecimal() and not number.startswith("0") and len(number) < 10:
                refs[int(number)] = oid
            else:
                self._notes[name] = f"{name} is no pull request of fairlead's; it was left out"
        return refs

    def _read(self, number: int, oid: str) -> Pull:
        if oid not in self._known:
            data = self._repo.read_file(oid, "pull.json")
            if data is None:
                raise wire.Damaged("it has no pull.json")
            self._known[oid] = wire.load(data, number)
        return self._known[oid]

    def _get(self, number: int) -> tuple[Pull, str]:
        refs = self._refs()
        if number not in refs:
            there = ", ".join(str(n) for n in sorted(refs)[-20:])
            raise UsageError(
                f"there is no pull request {number}",
                remedy=f"there are: {there}" if there else "there is none yet; `fairlead promote` opens one",
            )
        try:
            return self._read(number, refs[number]), refs[number]
        except wire.Damaged as damage:
            raise WorldError(
                f"pull request {number} can't be read: {damage}",
                remedy=f"git log {PREFIX}{number} shows its events; "
                f"git update-ref {PREFIX}{number} {PREFIX}{number}~1 goes back to the one before",
            ) from None

    # ── writing ──

    def ensure(self, draft: Draft) -> Pull:
        """See Forge. Raises UsageError for branch names that are none."""
        refuse_odd(draft.head, draft.base)
        with self._locked():
            pull = self.find(draft.key)
            now = self._clock.now()
            if pull is None:
                numbers = self._refs()
                number = max(numbers, default=0) + 1
                pull = Pull(number, PullState.OPEN, draft, now, now)
                return self._write(pull, ZERO, draft.author, f"open #{number}: {draft.title}")
            auto = None  # what somebody asked to be merged was another change
            if draft.hop_id == pull.want.hop_id:  # whoever runs it again asks for nothing new
                draft, auto = replace(draft, author=pull.want.author), pull.auto
            if draft == pull.want:
                return pull
            _, oid = self._get(pull.number)
            changed = ", ".join(
                name for name in Draft.__dataclass_fields__ if getattr(draft, name) != getattr(pull.want, name)
            )
            summary = f"update #{pull.number}: {draft.title}\n\nChanged: {changed}"
            return self._write(replace(pull, want=draft, updated=now, auto=auto), oid, draft.author, summary)

    def review(self, number: int, author: str, *, approved: bool) -> Pull:
        """See Forge. Raises ConflictError where it isn't open any more."""
        with self._locked():
            pull, oid = self._get(number)
            require_open(pull)
            mine = [r for r in pull.reviews if person(r.author) == person(author)]
            if mine and (mine[-1].approved, mine[-1].hop_id) == (approved, pull.want.hop_id):
                return pull
            now = self._clock.now()
            review = Review(author, approved, now, pull.want.hop_id)
            word = "approve" if approved else "request changes to"
            return self._write(
                replace(pull, reviews=(*pull.reviews, review), updated=now), oid, author,
                f"{word} #{number}: {pull.want.title}\n\nOf: {pull.want.hop_id}",
            )  # fmt: skip

    def comment(self, number: int, marker: str, text: str, author: str) -> Pull:
        """See Forge."""
        with self._locked():
            pull, oid = self._get(number)
            now = self._clock.now()
            comment = Comment(author, now, text, marker)
            places = [i for i, c in enumerate(pull.comments) if marker and c.marker == marker]
            comments = list(pull.comments)
            if places:
                if (comments[places[0]].text, comments[places[0]].author) == (text, author):
                    return pull
                comments[places[0]] = comment
            else:
                comments.append(comment)
            return self._write(
                replace(pull, comments=tuple(comments), updated=now), oid, author,
                f"comment on #{number}: {pull.want.title}",
            )  # fmt: skip

    def merge(self, number: int, head_oid: str, by: str, message: str, method: Method = Method.MERGE) -> Pull:
        """See Forge. The move of the base branch is the commit point; all else follows from it.

        Raises:
            ConflictError: it is closed, its head moved, its base moved in the same files, the one below is
                unmerged, or uncommitted changes of a checked-out base stand in the way. Nothing was changed.
        """
        with self._locked():
            pull, oid = self._get(number)
            if pull.want.head_oid != head_oid:
                raise ConflictError(
                    f"#{number} has changed: its head is {pull.want.head_oid[:12]} by now",
                    remedy=f"look at it again: fairlead pr show {number}",
                )
            self._clear_locks(pull)
            if pull.state is PullState.MERGED:
                self._drop_branch(pull)
                return pull
            require_open(pull)
            if pull.want.below:
                require_lower_merged(pull, self.pulls())
            now = self._clock.now()
            commit = landing.land(self._repo, pull, landing.Way(by, message, now, method))
            merged = replace(pull, state=PullState.MERGED, merged_at=now, merged_by=by, merge_commit=commit)
            merged = self._write(
                replace(merged, updated=now), oid, by,
                f"merge #{number} into {pull.want.base}: {pull.want.title}\n\nCommit: {commit}",
            )  # fmt: skip
            self._drop_branch(merged)
            return merged

    def auto_merge(self, number: int, head_oid: str, method: Method | None, by: str) -> Pull:
        """See Forge. It is kept in the record; `fairlead gate --all-open` merges."""
        with self._locked():
            pull, oid = self._get(number)
            require_open(pull)
            if pull.want.head_oid != head_oid:
                raise ConflictError(
                    f"#{number} has changed: its head is {pull.want.head_oid[:12]} by now",
                    remedy=f"look at it again: fairlead pr show {number}",
                )
            if pull.auto is method:
                return pull
            word = (
                f"merge #{number} by {method} when it may be" if method else f"leave the merge of #{number} to people"
            )
            return self._write(replace(pull, auto=method, updated=self._clock.now()), oid, by, word)

    def protection(self, branch: str) -> Protection:
        """See Forge: git itself demands nothing."""
        return Protection(known=True)

    def rights(self) -> tuple[Right, ...]:
        """See Forge: whoever can write the repository may do all."""
        return (Right("read and write pull requests", allowed=True),)

    def close(self, number: int, why: str, by: str) -> Pull:
        """See Forge. Raises ConflictError where it was merged."""
        with self._locked():
            pull, oid = self._get(number)
            self._clear_locks(pull)
            if pull.state is PullState.MERGED:
                raise ConflictError(f"#{number} was merged", remedy="`fairlead rollback` takes it back")
            if pull.state is PullState.OPEN:
                pull = self._write(
                    replace(pull, state=PullState.CLOSED, updated=self._clock.now(), closed_why=why),
                    oid, by, f"close #{number}: {pull.want.title}\n\nWhy: {why}",
                )  # fmt: skip
            self._drop_branch(pull)
            return pull

    def set_status(self, oid: str, status: Status) -> None:
        """See Forge. `git log` of the ref says who set which, and when."""
        with self._locked():
            ref = f"{STATUSES}{oid}"
            clear_stale(self._repo.common_dir / f"{ref}.lock")
            at = self._repo.refs(ref).get(ref)
            others = [known for known in self.statuses(oid) if known.context != status.context]
            kept = tuple(sorted((*others, status), key=lambda s: s.context))
            tree = self._repo.write_tree(None, {"statuses.json": File(wire.dump_statuses(kept))})
            text = f"{status.context} {status.state} of {oid}\n\nBy: {status.author}\n"
            commit = self._repo.commit_tree(tree, (at,) if at else (), text, status.at, status.author or "somebody")
            self._repo.move(ref, commit, at or ZERO)

    def statuses(self, oid: str) -> tuple[Status, ...]:
        """See Forge."""
        ref = f"{STATUSES}{oid}"
        at = self._repo.refs(ref).get(ref)
        data = self._repo.read_file(at, "statuses.json") if at else None
        return () if data is None else wire.load_statuses(data)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with locked(self._repo.common_dir / "fairlead.lock"):
            yield

    def _write(self, pull: Pull, old: str, who: str, summary: str) -> Pull:
        """Append an event; the ref moves only from where it was read."""
        ref = f"{PREFIX}{pull.number}"
        clear_stale(self._repo.common_dir / f"{ref}.lock")
        tree = self._repo.write_tree(None, {"pull.json": File(wire.dump(pull))})
        text = f"{summary}\n\nBy: {who}\n"
        parents = () if old == ZERO else (old,)
        commit = self._repo.commit_tree(tree, parents, text, self._clock.now(), who or "somebody")
        self._repo.move(ref, commit, old)
        self._known[commit] = pull
        return pull

    def _clear_locks(self, pull: Pull) -> None:
        """Clear what a git that was killed while it moved a branch may have left; HEAD is locked with it."""
        branches = (f"refs/heads/{name}.lock" for name in (pull.want.base, pull.want.head))
        for name in (*branches, "packed-refs.lock", "HEAD.lock"):
            clear_stale(self._repo.common_dir / name)

    def _drop_branch(self, pull: Pull) -> None:
        """Remove the head branch if it is ours, where the pull request left it, and nobody stands on it."""
        head = pull.want.head
        if not head.startswith(_OURS) or self._repo.tip(head) != pull.want.head_oid:
            return
        others = [p.want for p in self.pulls(open_only=True) if p.number != pull.number]
        if any(head in (want.head, want.base) for want in others):
            return
        if not self._repo.is_checked_out(head):
            self._repo.move(f"refs/heads/{head}", ZERO, pull.want.head_oid)
