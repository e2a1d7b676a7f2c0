"""How a command is registered: shared options, examples in its help, and one way for its answer or error to leave."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperArgument, TyperCommand

from pipeline.cli.session import FAILED, INTERRUPTED, Answer, Session
from pipeline.cli.trouble import explain
from pipeline.errors import OddtrailError

Home = Annotated[
    str | None, typer.Option("--home", metavar="DIR", help="Folder of the store. [ODDTRAIL_HOME; ~/.oddtrail]")
]
Threads = Annotated[
    str | None, typer.Option("--threads", metavar="N", help="Cores to use. [ODDTRAIL_THREADS; all of them]")
]
Memory = Annotated[
    str | None,
    typer.Option("--memory", metavar="SIZE", help="Memory for queries, as in 4GB. [ODDTRAIL_MEMORY; half of it]"),
]
Language = Annotated[
    str | None, typer.Option("--language", "--lang", metavar="LANGUAGE", help="en or ko; else ODDTRAIL_LANGUAGE.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]

SHARED: dict[str, Any] = {
    "home": Home, "threads": Threads, "memory": Memory, "language": Language, "json": Json, "quiet": Quiet,
}  # fmt: skip
"""Options that may stand before or after any command."""
_ABSENT: dict[str, Any] = dict.fromkeys(SHARED) | {"json": False, "quiet": False}


class _Command(TyperCommand):
    """A command whose help names an argument as PATH, and not with the Python type behind it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for parameter in self.params:
            if isinstance(parameter, TyperArgument):
                parameter.display_type_rich = lambda ctx: None  # type: ignore[method-assign]


def group(help_text: str, *, completion: bool = False) -> typer.Typer:
    """An application or a group of commands: plain help, which teaches by examples and is quick.

    With `completion` it can install itself in a shell.
    """
    return typer.Typer(
        help=help_text,
        no_args_is_help=True,
        rich_markup_mode=None,
        add_completion=completion,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )


def command(
    app: typer.Typer, name: str, *, short: str, examples: Sequence[str]
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Register `function(session, …)` as the command `name`.

    Its docstring is the help, its annotated parameters are its options; `short` stands in the list of commands.
    Parameters called like a setting and left out by the caller stay None, and the settings decide.
    """

    def register(function: Callable[..., Answer]) -> Callable[..., Answer]:
        def run(ctx: typer.Context, **given: Any) -> None:
            shared = {key: given.pop(key) for key in SHARED}
            session = _session(ctx, shared)
            raise typer.Exit(_run(lambda: function(session, **given), session))

        hints = get_type_hints(function, include_extras=True)
        own = [
            parameter.replace(annotation=hints[parameter.name], kind=inspect.Parameter.KEYWORD_ONLY)
            for parameter in list(inspect.signature(function).parameters.values())[1:]
        ]
        options = [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=_ABSENT[key])
            for key, kind in SHARED.items()
        ]
        context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        run.__signature__ = inspect.Signature([context, *own, *options])  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in [context, *own, *options]}
        run.__doc__ = _help(function, examples)
        app.command(name, short_help=short, cls=_Command)(run)
        return function

    return register


def _help(function: Callable[..., Answer], examples: Sequence[str]) -> str:
    kept_as_it_is = "\b\nExamples:\n" + "\n".join(f"  {line}" for line in examples)
    return f"{inspect.cleandoc(function.__doc__ or '')}\n\n{kept_as_it_is}"


def _session(ctx: typer.Context, shared: dict[str, Any]) -> Session:
    """What stands after the command wins over what stands before it."""
    given = (ctx.obj or {}) | {key: value for key, value in shared.items() if value not in (None, False)}
    json, quiet = bool(given.pop("json", False)), bool(given.pop("quiet", False))
    return Session({key: value for key, value in given.items() if value is not None}, json, quiet)


def _run(work: Callable[[], Answer], session: Session) -> int:
    """Do the work, print what came of it, and say how it went as an exit code."""
    try:
        answer = work()
        if session.json:
            _print_json(answer.document)
        elif not session.quiet:
            answer.show(session.console)
        for line in session.unread_alerts() + ([] if answer.tells_damage else session.lost_lines()):
            _say(line)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        raise  # nobody reads on: typer ends it quietly
    except Exception as error:
        message = str(error) if isinstance(error, OddtrailError) else explain(error, session.explain_damage)
        if message is None:
            raise
        _say(_tell_again(session, error, message))
        if session.json:
            found = getattr(error, "document", {})
            with suppress(OSError):  # standard output may be what is full
                _print_json({**found, "error": {"type": type(error).__name__, "message": message}})
        return FAILED
    return answer.code


def _tell_again(session: Session, error: Exception, message: str) -> str:
    """An error's line in the language asked for; what a machine reads stays English."""
    from pipeline.render.error_words import tell_error

    try:
        words = session.words
    except OddtrailError:  # what is wrong may be the settings, and with them the language
        return message
    if isinstance(error, OddtrailError):
        return error.said or tell_error(message, words)
    return tell_error(explain(error, lambda: session.explain_damage(words)) or message, words)


def _say(message: str) -> None:
    from pipeline.text.inert import inert

    print(f"oddtrail: {inert(message, longest=2000)}", file=sys.stderr)


def _print_json(document: Any) -> None:
    from pipeline.render.document import to_json

    print(to_json(document))
