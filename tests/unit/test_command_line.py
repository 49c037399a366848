"""What the command line understands. What the commands do: `orchestration/test_cli.py`."""

import pytest

from orchestration import sandbox
from orchestration.cli import _parser, _rest, main


@pytest.mark.parametrize(
    "arguments",
    [[], ["nosuch"], ["run", "--nosuch"], ["sandbox"], ["database", "drop"], ["ui", "--port", "x"]],
    ids=" ".join,
)
def test_a_wrong_call_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A call that means nothing says how to call, and does nothing."""
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert "usage: headwater" in capsys.readouterr().err


COMMANDS = ["run", "reconcile", "report", "psql", "exec", "ui", "sandbox", "database", "doctor"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` of each command exits with 0, and the list of commands names it."""
    with pytest.raises(SystemExit) as exit_:
        _parser().parse_args([command, "--help"])
    assert exit_.value.code == 0
    assert command in _parser().format_help()
    assert f"headwater {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "rest"),
    [
        (["psql"], []),
        (["psql", "--", "-c", "select 1"], ["-c", "select 1"]),
        (["exec", "dbt", "test", "--select", "agent"], ["dbt", "test", "--select", "agent"]),
        (["exec", "--", "git", "log", "--", "file"], ["git", "log", "--", "file"]),
    ],
)
def test_a_programs_own_arguments_are_left_alone(arguments: list[str], rest: list[str]) -> None:
    """What stands behind the first `--` belongs to the program that is started."""
    assert _rest(_parser().parse_args(arguments)) == rest


@pytest.mark.parametrize(("text", "scale"), [("0.01", 0.01), ("1", 1.0), ("1000", 1000.0), (None, 1.0)])
def test_the_scale_of_the_sandbox(text: str | None, scale: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """HEADWATER_SCALE is a number; without it the sandbox has the size of the business."""
    monkeypatch.delenv("HEADWATER_SCALE", raising=False)
    if text:
        monkeypatch.setenv("HEADWATER_SCALE", text)
    assert sandbox.scale() == scale
