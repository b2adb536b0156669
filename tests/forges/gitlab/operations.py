"""The operations of GitLab's API that are asked here, each with what GitLab's own Go client says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """`options` and `answer` name types of the Go client; `recorded` is an answer among its test data."""

    name: str
    method: str
    path: str
    options: str = ""
    answer: str = ""
    recorded: str = ""
    status: int = 200

    @property
    def pattern(self) -> re.Pattern[str]:
        """The path as a pattern; `:id` is a number or a whole path, encoded."""
        return re.compile(re.sub(r":(\w+)", r"(?P<\1>[^/]+)", self.path))


_MR = "projects/:id/merge_requests"
_ONE = ("MergeRequest", "testdata/get_merge_request.json")
_APPROVED = ("MergeRequestApprovals", "inline/TestApproveMergeRequest.json")

OPERATIONS = (
    Operation("me", "GET", "user", "", "User", "testdata/get_user.json"),
    Operation("people", "GET", "users", "ListUsersOptions", "[]User", "testdata/list_users_public_email.json"),
    Operation("person", "GET", "users/:user", "GetUsersOptions", "User", "testdata/get_user.json"),
    Operation(
        "my_token", "GET", "personal_access_tokens/self", "", "PersonalAccessToken",
        "testdata/list_personal_access_tokens_single.json",
    ),
    Operation("project", "GET", "projects/:id", "GetProjectOptions", "Project"),
    Operation("list", "GET", _MR, "ListProjectMergeRequestsOptions", "[]MergeRequest",
              "testdata/get_merge_requests.json"),
    Operation("get", "GET", f"{_MR}/:iid", "GetMergeRequestsOptions", *_ONE),
    Operation("open", "POST", _MR, "CreateMergeRequestOptions", *_ONE, 201),
    Operation("update", "PUT", f"{_MR}/:iid", "UpdateMergeRequestOptions", *_ONE),
    Operation("merge", "PUT", f"{_MR}/:iid/merge", "AcceptMergeRequestOptions", *_ONE),
    Operation("cancel_auto_merge", "POST", f"{_MR}/:iid/cancel_merge_when_pipeline_succeeds", "", *_ONE, 201),
    Operation(
        "versions", "GET", f"{_MR}/:iid/versions", "GetMergeRequestDiffVersionsOptions", "[]MergeRequestDiffVersion"
    ),
    Operation("approvals", "GET", f"{_MR}/:iid/approvals", "", *_APPROVED),
    Operation("approve", "POST", f"{_MR}/:iid/approve", "ApproveMergeRequestOptions", *_APPROVED, 201),
    Operation("unapprove", "POST", f"{_MR}/:iid/unapprove", "", *_APPROVED, 201),
    Operation(
        "notes", "GET", f"{_MR}/:iid/notes", "ListMergeRequestNotesOptions", "[]Note",
        "inline/TestNotes_ListMergeRequestNotes.json",
    ),
    Operation(
        "write_note", "POST", f"{_MR}/:iid/notes", "CreateMergeRequestNoteOptions", "Note",
        "inline/TestNotes_GetMergeRequestNote.json", 201,
    ),
    Operation(
        "edit_note", "PUT", f"{_MR}/:iid/notes/:note", "UpdateMergeRequestNoteOptions", "Note",
        "inline/TestNotes_GetMergeRequestNote.json",
    ),
    Operation("pipelines", "GET", f"{_MR}/:iid/pipelines", "", "[]PipelineInfo"),
    Operation(
        "commit", "GET", "projects/:id/repository/commits/:sha", "GetCommitOptions", "Commit",
        "testdata/get_commit.json",
    ),
    Operation(
        "statuses", "GET", "projects/:id/repository/commits/:sha/statuses", "GetCommitStatusesOptions", "[]CommitStatus"
    ),
    Operation(
        "set_status", "POST", "projects/:id/statuses/:sha", "SetCommitStatusOptions", "CommitStatus", status=201
    ),
    Operation("branch", "GET", "projects/:id/repository/branches/:branch", "", "Branch", "testdata/get_branch.json"),
    Operation(
        "protected", "GET", "projects/:id/protected_branches", "ListProtectedBranchesOptions", "[]ProtectedBranch",
        "inline/TestListProtectedBranches.json",
    ),
    Operation(
        "approval_rules", "GET", "projects/:id/approval_rules", "GetProjectApprovalRulesListsOptions",
        "[]ProjectApprovalRule", "inline/TestGetProjectApprovalRules.json",
    ),
)  # fmt: skip


def operation(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation that a request is for, with the words of its path, still encoded."""
    for one in OPERATIONS:
        found = one.pattern.fullmatch(path)
        if found is not None and one.method == method:
            return one, found.groupdict()
    return None
