"""What a check found, one module a format: `written` makes the text of a report, and does nothing else."""

FORMATS = ("text", "json", "sarif", "junit", "github", "gitlab", "markdown")
