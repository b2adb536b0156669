"""Secrets in text: what a value looks like that nobody keeps to themselves, and what only stands for one.

The specific detectors of detect-secrets judge; they are slow, and slow to import. So each line is asked first whether
any of them could find something in it: `suspicious` says yes to every ASCII line that they do (a test holds them to
that), and to few others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from fairlead.model.patterns import pattern

_RUN = 24  # what the detectors of plain tokens ask for at least
_TABLE = bytes(c if (c < 128 and chr(c).isalnum()) or c in b"/+_=-" else 0x20 for c in range(256))
_WORDS = (
    b"AKC", b"AP", b"A3T", b"ABIA", b"ACCA", b"AKIA", b"ASIA", b"BEGIN ", b"PuTTY-User-Key-File-2", b"eyJ",
    b"_authToken=", b"sq0csp-",
)  # fmt: skip
_ANY_WORD = pattern(b"|".join(map(re.escape, _WORDS)))
_LOWER_WORDS = (b"xox", b"hooks.slack.com")
_LINE = pattern(
    rb"AKC[a-zA-Z0-9]{10}|AP[0-9A-F][a-zA-Z0-9]{8}|(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}"
    rb"|BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File-2|eyJ|_authToken=|sq0csp-|AccountKey="
    rb"|(?i:xox[abopsr]-|hooks\.slack\.com)|://[^:/?#\[\]@!$&'()*+,;=\s]+:[^:/?#\[\]@!$&'()*+,;=\s]+@"
    rb"|gh[pousr]_|gl[a-z]+-|GR1348941|T3BlbkFJ|pypi-Ag|SG\.|[rs]k_live_|-us[0-9]"
    rb"|(?i:(?:key|pwd|pw|pass|token|password)[\"']?\]?[ :=>]*[\"']?[0-9a-z_-]{24}|[\"'][0-9a-z/+]{40}[\"']|softlayer)"
    rb"|[MNO][a-zA-Z0-9_-]{23,25}\.|[0-9]{8}:[0-9A-Za-z_-]{35}|AC[a-z0-9]{32}|SK[a-z0-9]{32}"
)
# Some of the detectors' patterns take quadratic time: no line is shown to them whole that is longer than people write,
# and of no file more than this. No token is longer than the overlap.
_WINDOW, _OVERLAP, _BUDGET = 2_400, 1_200, 256 * 1024
_PLUGINS = (
    "artifactory.ArtifactoryDetector", "aws.AWSKeyDetector", "azure_storage_key.AzureStorageKeyDetector",
    "basic_auth.BasicAuthDetector", "cloudant.CloudantDetector", "discord.DiscordBotTokenDetector",
    "github_token.GitHubTokenDetector", "gitlab_token.GitLabTokenDetector", "ibm_cloud_iam.IbmCloudIamDetector",
    "ibm_cos_hmac.IbmCosHmacDetector", "jwt.JwtTokenDetector", "mailchimp.MailchimpDetector", "npm.NpmDetector",
    "openai.OpenAIDetector", "private_key.PrivateKeyDetector", "pypi_token.PypiTokenDetector",
    "sendgrid.SendGridDetector", "slack.SlackDetector", "softlayer.SoftlayerDetector",
    "square_oauth.SquareOAuthDetector", "stripe.StripeDetector", "telegram_token.TelegramBotTokenDetector",
    "twilio.TwilioKeyDetector",
)  # fmt: skip
_MARKED = pattern(
    rb"pragma: ?allowlist[ -]secret|gitleaks:allow|trufflehog:ignore|\bggignore\b|#\s*notsecret\b", re.IGNORECASE
)
# What only stands for a secret: another tool's reference, a variable of a template, a word that says so.
_STANDS_FOR = pattern(
    r"(?:<.*>|\$\{.*\}|\$\(.*\)|\$[A-Za-z_]\w*|\{\{.*\}\}|%\w+%|\[.*\]|__\w+__|@@?\w+@?@)"
    r"|(?:ENC\[|AgA|AgB|vault:|ref\+|op://|awssm:|arn:aws:|gcpsm:|azurekv:|projects/|secret://|file://).*"
    r"|(?:.*[^a-z])?(?:change[-_ ]?(?:me|it|this)|replac(?:e|ed|me)|placeholder|example|dummy|redacted|fixme|todo"
    r"|insert|overwrite|overrid(?:e|den)|fake|not[-_ ]?a?[-_ ]?(?:real|secret|used)|goes[-_ ]here|your|my[-_]"
    r"|to[-_ ]?be|tbd|set[-_ ]by|managed[-_ ]by|generated|injected|unset|undefined|sample|mock)(?:[^a-z].*)?"
    r"|(?:dummy|fake|example|placeholder|changeme|redacted).*|(?:x+|\*+|\.+|-+|0+|1234.*|abc.*|foo|bar|baz|foobar|hoge|fuga|test(?:ing)?|secret|password|passwd|pass|none|null|nil|n/?a"
    r"|empty|default|true|false|yes|no|on|off)",
    re.IGNORECASE | re.DOTALL,
)


def suspicious(data: bytes) -> bool:
    """Whether a detector could find anything in these bytes."""
    if _ANY_WORD.search(data) is not None or (b"://" in data and b"@" in data):
        return True
    if any(len(run) >= _RUN for run in data.translate(_TABLE).split()):
        return True
    lower = data.lower()
    return any(word in lower for word in _LOWER_WORDS)


def could_be(line: bytes) -> bool:
    """Whether a line is shown to the detectors."""
    return suspicious(line) and _LINE.search(line) is not None


def found(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Line, column and kind of each secret in a file, counted from 1; one a line."""
    if not suspicious(data):
        return
    left = _BUDGET
    for number, line in enumerate(data.splitlines(), 1):
        if left < 0 or not suspicious(line) or marked(line):
            continue
        for start in range(0, max(len(line) - _OVERLAP, 1), _WINDOW - _OVERLAP):
            part = line[start : start + _WINDOW]
            if left < 0 or not could_be(part):
                continue
            left -= len(part)
            told = _first(part.decode("utf-8", "replace"))
            if told is not None:
                column, kind = told
                yield number, start + column, kind
                break


def _first(text: str) -> tuple[int, str] | None:
    for kind, secret in _detect(text):
        if not stands_for(secret) and _is_random(kind, secret):
            return max(text.find(secret), 0) + 1, kind
    return None


def marked(line: bytes) -> bool:
    """Whether a comment on the line says, in the words of other tools, that it holds no secret."""
    return _MARKED.search(line) is not None


def _is_random(kind: str, secret: str) -> bool:
    """Whether it was drawn, where the pattern is so wide that `key: some-name-in-44-letters` meets it."""
    if not kind.startswith("IBM"):
        return True
    return any(c.isdigit() for c in secret) and (kind.startswith("IBM COS") or secret.lower() != secret)


def _detect(line: str) -> Iterator[tuple[str, str]]:
    for detector in _detectors():
        if detector.secret_type == "NPM tokens" and "_authToken=" not in line:
            continue
        for secret in detector.analyze_string(line):
            yield detector.secret_type, secret


@cache
def _detectors() -> tuple[Any, ...]:
    from importlib import import_module

    out = []
    for name in _PLUGINS:
        module, _, kind = name.partition(".")
        out.append(getattr(import_module(f"detect_secrets.plugins.{module}"), kind)())
    return tuple(out)


def stands_for(value: str) -> bool:
    """Whether a value is a placeholder: it stands for a secret that comes from elsewhere."""
    value = value.strip().strip("\"'")
    return not value or _STANDS_FOR.fullmatch(value) is not None or (len(value) > 3 and len(set(value)) == 1)
