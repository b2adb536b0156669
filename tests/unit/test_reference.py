"""The committed reference is what the code says."""

import json
from pathlib import Path

import jsonschema_rs
import yaml

from docs.generate import EXAMPLE, FOLDER, main, pages, stale


def test_the_committed_pages_are_the_generated_ones():
    assert stale() == [], "run: make reference"


def test_every_rule_gate_and_command_has_its_section():
    from fairlead.checks.rules import RULES
    from fairlead.cli.commands import COMMANDS
    from fairlead.gates import GATES

    made = pages()
    assert [rule.ID for rule in RULES if f"\n### `{rule.ID}` " not in made["rules.md"]] == []
    assert [gate.ID for gate in GATES if f"\n## `{gate.ID}` " not in made["gates.md"]] == []
    assert [name for name in COMMANDS if f"\n## `fairlead {name}`\n" not in made["commands.md"]] == []


def test_the_published_schema_accepts_the_page_s_example_and_refuses_an_unknown_key():
    schema = json.loads((FOLDER / "fairlead.schema.json").read_text())
    example = yaml.safe_load(EXAMPLE)
    assert jsonschema_rs.is_valid(schema, example)
    assert not jsonschema_rs.is_valid(schema, example | {"colour": "red"})


def test_checking_names_what_is_out_of_date_and_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("docs.generate.stale", lambda root=Path(): ["docs/reference/rules.md"])
    assert main(["--check"]) == 1
    assert capsys.readouterr().out == "docs/reference/rules.md is out of date: make reference\n"
