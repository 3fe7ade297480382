"""What typer has to say against a command line, in our words and the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamna.errors import UsageError
from tamna.lang import Message, _

if TYPE_CHECKING:
    import typer


def told(error: typer.TyperException) -> UsageError | None:
    """Turn typer's complaint into a refusal of ours; None where typer has shown the help instead.

    Typer's own texts are English; what it does not tell by its kind keeps them.
    """
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        return None
    name = _name(error)
    said = str(error.format_message() if hasattr(error, "format_message") else error).rstrip(".")
    if kind == "MissingParameter":
        option = name.startswith("-")
        what = _("the option {name} is missing", name=name) if option else _("{name} is missing", name=name)
    elif kind == "NoSuchOption":
        alike = ", ".join(sorted(getattr(error, "possibilities", None) or ()))
        todo = _("Did you mean {names}?", names=alike) if alike else None
        return UsageError(_("there is no such option"), seen=name, todo=todo)
    elif kind == "BadOptionUsage":
        what = _("the option {name} needs a value", name=name)
    elif kind == "BadParameter" and name:
        number = any(word in said for word in ("number", "integer", "greater", "less"))
        what = _("the value of {name} does not fit", name=name)
        return UsageError(what, todo=_("Give a number that the help allows.") if number else None)
    elif said.startswith("Got unexpected extra argument"):
        return UsageError(_("more words than the command takes"), seen=said.partition("(s) ")[2].strip("()"))
    else:
        what = Message(said)
    return UsageError(what)


def _name(error: Any) -> str:
    """Name the option or argument that the complaint is about, as one types it."""
    param = getattr(error, "param", None)
    if param is None:
        return str(getattr(error, "option_name", ""))
    options = [word for word in getattr(param, "opts", ()) if word.startswith("-")]
    return options[-1] if options else str(getattr(param, "metavar", None) or getattr(param, "name", ""))


def speaking_help(command: Any, text: str) -> Any:
    """Give `command`, and those below it, the line of ``--help`` in the reader's language."""
    option_of = command.get_help_option

    def option(ctx: Any) -> Any:
        found = option_of(ctx)
        if found is not None:
            found.help = text
        return found

    command.get_help_option = option
    for below in getattr(command, "commands", {}).values():
        speaking_help(below, text)
    return command
