"""Files of a bundle by what its signed manifest says: nobody sees a byte of one that was not held against its hash."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pyarrow as pa

from models.manifest import FORMAT, MANIFEST, hash_file, read_manifest
from models.seal import BundleError, TrustIn
from models.tables import list_parts, name_file, read_column, read_rows


class SignedFiles:
    """Files of a bundle, each asked for once, when somebody wants it.

    Parameters
    ----------
    files
        Contents by name.
    least
        Names of files without which it is no bundle.

    Raises
    ------
    BundleError
        The manifest is missing or not signed with the key, is of another format, or names other files than there are.
    """

    def __init__(self, files: Mapping[str, bytes], key: TrustIn, least: Collection[str]) -> None:
        if MANIFEST not in files:
            raise BundleError("the model has no manifest; run `oddtrail train` to fit a new model")
        signed = read_manifest(files[MANIFEST], key)
        if signed["format"] != FORMAT:
            raise BundleError(
                f"the model has format {signed['format']}, this version reads {FORMAT}; run `oddtrail train`"
            )
        self._files, self._hashes = files, dict[str, str](signed["files"])
        lacking = sorted(set(least) - set(self._hashes))
        if lacking:
            raise BundleError(
                f"the model lacks {lacking[0]}: another version made it; run `oddtrail train` to fit a new one"
            )
        unknown = set(files) - set(self._hashes) - {MANIFEST}
        if unknown:
            raise BundleError(f"the model has a file nobody signed: {min(unknown)}; remove it")
        self._left = dict.fromkeys(self._hashes)

    def read(self, name: str) -> bytes:
        """A file's content.

        Raises
        ------
        BundleError
            It is missing, or not as it was signed.
        """
        content = self._files.get(name, b"")
        if hash_file(content) != self._hashes[name]:
            raise BundleError(f"the model's file {name} is missing or changed; run `oddtrail train` to fit a new model")
        self._left.pop(name, None)
        return content

    def rows(self, table: str) -> Iterator[pa.Table]:
        """Rows of a table, some at a time."""
        for name in list_parts(name_file(table, 0), self._hashes):
            yield from read_rows(self.read(name))

    def columns(self, table: str) -> dict[str, Any]:
        """Columns of a table, whole (`read_column`)."""
        rows = pa.concat_tables(self.rows(table))
        return {name: read_column(rows[name]) for name in rows.column_names}

    def check_rest(self) -> None:
        """Hold what nobody asked for against its hash as well."""
        for name in list(self._left):
            self.read(name)
