"""Records from standard input: kept in a file first, for a content is known by its hash before it is read."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from pipeline.ingest.listing import SourceError

STDIN: Final = "-"
_BLOCK: Final = 1 << 20


@contextmanager
def stdin_as_file(paths: Sequence[str], stream: BinaryIO | None = None) -> Iterator[list[str]]:
    """The paths with `-` made the path of a file that holds what comes from standard input, for as long as the block.

    Raises
    ------
    SourceError
        Standard input is a terminal.

    Examples
    --------
    >>> import io
    >>> with stdin_as_file(["a.json", "-"], io.BytesIO(b"{}")) as [first, second]:
    ...     print(first, Path(second).name, Path(second).read_bytes())
    a.json stdin b'{}'
    """
    if STDIN not in paths:
        yield list(paths)
        return
    source = sys.stdin.buffer if stream is None else stream
    if source.isatty():
        raise SourceError("'-' reads standard input, and nothing is piped into it: write `… | oddtrail ingest -`")
    with tempfile.TemporaryDirectory(prefix="oddtrail-") as folder:
        file = Path(folder, "stdin")
        with file.open("wb") as copy:
            while block := source.read(_BLOCK):
                copy.write(block)
        yield [str(file) if path == STDIN else path for path in dict.fromkeys(paths)]
