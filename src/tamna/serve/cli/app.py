"""The door of the command line: which verbs there are, in which language, and how a refusal leaves.

A verb's module is imported only when that verb is called, so that ``tamna --help`` does not pay
for pandas. Exit codes: 0 done, 1 failed, 2 usage or bad input, 3 infeasible, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import gettext
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup

from tamna import __version__
from tamna.errors import Infeasible, Place, TamnaError, UsageError
from tamna.lang import LANGUAGES, LOCALE, Message, _, language, preferred, set_language
from tamna.serve.cli.usage import speaking_help, told
from tamna.settings import masked, setting

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130

VERBS: dict[str, tuple[str, Message]] = {
    "demo": ("demo", _("the main job on a synthetic typical Jeju year, offline")),
    "run": ("run", _("ingest, check, measure and report a period in one go")),
    "ingest": ("ingest", _("read public files as they come into the store")),
    "fetch": ("fetch", _("ask live sources: KPX, KMA, Open-Meteo, NASA POWER, ENTSO-E")),
    "series": ("series", _("list and export what the store holds")),
    "quality": ("quality", _("find gaps, jumps, breaks and disagreements in the store")),
    "forecast": (
        "forecast",
        _("demand, wind, sun and price of the next hours, as quantiles with their reasons"),
    ),
    "measure": ("measure", _("renewable shares under declared boundaries and rules, episodes, extremes")),
    "nowcast": ("nowcast", _("the next hours from the latest readings, in steps of 5 or 15 minutes")),
    "backtest": (
        "backtest",
        _("forecast a past period as it would have been, and score it beside its rivals"),
    ),
    "dispatch": (
        "dispatch",
        _("what should run, what it costs and why, and what would differ with other plant"),
    ),
    "prove": ("prove", _("which hours of a product were renewable, with a certificate for each lot")),
    "verify": ("verify", _("check a certificate or a shelf page, with nothing but files")),
    "shelf": ("shelf", _("put a certificate up on the shelf: a page that checks itself, and a label")),
    "ledger": ("ledger", _("the book of certificates: make it, look into it, sign it, audit it")),
    "grid": ("grid", _("show, check and describe an island file")),
    "init": ("init", _("start an island of your own")),
    "doctor": ("doctor", _("what is installed, which keys and extras are missing")),
}


HELP = _("show this help and leave")


class Verbs(TyperGroup):
    """A command group that loads a verb's module when the verb is called."""

    verbs: ClassVar[dict[str, tuple[str, Message]]] = VERBS

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (typer's signature)
        """Name the verbs in the order of the table."""
        return list(self.verbs)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load the verb that is called; for the list of verbs a stub with its one line is enough."""
        if cmd_name not in self.verbs:
            return None
        module, meaning = self.verbs[cmd_name]
        if ctx.invoked_subcommand is None and not ctx.meta.get("tamna.resolving"):
            return TyperCommand(cmd_name, help=str(meaning), short_help=str(meaning))
        app = import_module(f"tamna.serve.cli.{module}").app
        command = typer.main.get_command(app)
        command.name = cmd_name
        return speaking_help(command, str(HELP))

    def get_help_option(self, ctx: Any) -> Any:
        """Give ``--help`` its line in the reader's language."""
        found = super().get_help_option(ctx)
        if found is not None:
            found.help = str(HELP)
        return found

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the called verb, with its module."""
        ctx.meta["tamna.resolving"] = True
        return super().resolve_command(ctx, args)


def build() -> typer.Typer:
    """Make the command in the language of this moment (typer fixes help texts when it is made)."""
    app = typer.Typer(
        cls=Verbs,
        help=str(_("Run an island on renewables, hour by hour, and prove it.")),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    version_help, lang_help = str(_("print the version and leave")), str(_("language; may stand anywhere"))

    @app.callback()
    def root(
        version: bool = typer.Option(
            False, "--version", help=version_help, callback=_print_version, is_eager=True
        ),
        lang: str = typer.Option("", "--lang", metavar="ko|en", help=lang_help),
    ) -> None:
        pass

    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tamna {__version__}")
        raise typer.Exit


def run(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code; every refusal is told, none is thrown."""
    arguments, wants_json = list(arguments), "--json" in arguments
    try:
        arguments = _choose_language(arguments)
        _translate_frame()
        found = build()(arguments, standalone_mode=False, prog_name="tamna")
    except TamnaError as error:
        return _refuse(error, wants_json=wants_json)
    except (typer.Abort, KeyboardInterrupt):
        found = INTERRUPTED
    except typer.TyperException as error:
        refusal = told(error)
        return 2 if refusal is None else _refuse(refusal, wants_json=wants_json, hint=error)
    except BrokenPipeError:
        return _nobody_reads()
    except SystemExit as error:
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        return _nobody_reads()  # typer has turned the broken pipe into an exit
    except Exception as error:
        if setting("TAMNA_DEBUG"):
            raise
        if isinstance(error, OSError) and error.filename is not None:
            place = UsageError(
                _("cannot be read or written: {reason}", reason=error.strerror or type(error).__name__),
                where=Place(file=masked(str(error.filename))[:200]),
                todo=_("Check the path, whether its folder is there, and its permissions."),
            )
            return _refuse(place, wants_json=wants_json)
        if isinstance(error, OSError):
            full = TamnaError(
                _("what should be printed could not be written"),
                seen=error.strerror or str(error),
                todo=_("Make room where the output goes, or let it go elsewhere."),
            )
            return _refuse(full, wants_json=False)
        text = masked(f"{type(error).__name__}: {error}")
        fault = TamnaError(
            _("tamna has a fault: {text}", text=text),
            todo=_("Nothing was half-written. Run again with TAMNA_DEBUG=1 and send us what it prints."),
        )
        return _refuse(fault, wants_json=wants_json)
    if found == INTERRUPTED:  # typer gives this number back for Ctrl-C
        print(_("interrupted; what was complete is kept"), file=sys.stderr)  # noqa: T201 (the last word)
    return found if isinstance(found, int) else 0


def _nobody_reads() -> int:
    """Leave in peace when the reader of our output has left (``| head``)."""
    with contextlib.suppress(OSError, ValueError):  # a stdout without a file, as in tests
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _choose_language(arguments: list[str]) -> list[str]:
    """Take ``--lang xx`` out of any place of the command line and speak it."""
    wanted, rest, skip = preferred(), [], False
    for i, argument in enumerate(arguments):
        if skip:
            skip = False
        elif argument == "--lang":
            wanted, skip = (arguments[i + 1] if i + 1 < len(arguments) else ""), True
        elif argument.startswith("--lang="):
            wanted = argument.partition("=")[2]
        else:
            rest.append(argument)
    if wanted not in LANGUAGES:
        raise UsageError(_("unknown language"), seen=wanted, todo=_("Use --lang ko or --lang en."))
    set_language(wanted)
    return rest


def _translate_frame() -> None:
    """Give the words that typer itself prints (through gettext) in the reader's language."""
    from typer import rich_utils

    os.environ["LANGUAGE"] = language()
    gettext.bindtextdomain("tamna", LOCALE)
    gettext.textdomain("tamna")
    rich_utils.OPTIONS_PANEL_TITLE = str(_("Options"))
    rich_utils.ARGUMENTS_PANEL_TITLE = str(_("Arguments"))
    rich_utils.COMMANDS_PANEL_TITLE = str(_("Commands"))
    rich_utils.REQUIRED_LONG_STRING = str(_("[required]"))
    rich_utils.DEFAULT_STRING = str(_("[default: {}]"))


def _refuse(error: TamnaError, *, wants_json: bool, hint: Exception | None = None) -> int:
    """Tell a refusal on stderr, and as the one JSON object on stdout where JSON was asked for."""
    import json

    text = masked(str(error))
    print(text, file=sys.stderr)  # noqa: T201 (the door's own voice)
    context = getattr(hint, "ctx", None)
    if context is not None:
        print(_("See: {command} --help", command=context.command_path), file=sys.stderr)  # noqa: T201 (as above)
    if wants_json:
        body: dict[str, Any] = {
            "error": {
                "kind": type(error).__name__,
                "exit_code": error.exit_code,
                "mistakes": [mistake.as_dict() for mistake in error.mistakes],
            }
        }
        if isinstance(error, Infeasible) and error.beside is not None:
            body["nearest"] = error.beside
        print(masked(json.dumps(body, ensure_ascii=False)))  # noqa: T201 (data belongs on stdout)
    return error.exit_code
