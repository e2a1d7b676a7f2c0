"""Whether indices that are not there yet will be made with a mapping of ours; without one, any call can spoil them."""

from pipeline.documents.document import Naming
from pipeline.errors import OddtrailError
from pipeline.search.engine import Engine


class TemplateMissingError(OddtrailError):
    """An index made now would guess its fields."""


def require_template(engine: Engine, naming: Naming) -> None:
    """Refuse to go on where an index of `naming` would guess its fields.

    Raises
    ------
    TemplateMissingError
        No template says `dynamic: false`; says what to run.
    UnreachableError
        Nobody answers.
    """
    answer = engine.ask("POST", f"/_index_template/_simulate_index/{naming.prefix}-2026.01.01")
    if answer.status in (401, 403):
        raise TemplateMissingError(f"{engine.url.origin} refuses us ({answer.status} {answer.error[1]}): check the URL")
    template = answer.body.get("template") if isinstance(answer.body, dict) else None
    mappings = template.get("mappings") if isinstance(template, dict) else None
    dynamic = mappings.get("dynamic") if isinstance(mappings, dict) else None
    if dynamic not in (False, "false", "strict"):
        raise TemplateMissingError(
            f"{engine.url.origin} has no template for {naming.prefix}-*, and would guess every field: "
            "run `oddtrail setup URL` first"
        )
