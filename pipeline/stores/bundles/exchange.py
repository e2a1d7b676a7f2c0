"""Bundles from elsewhere, and the list of those in service: nothing is put here that was not verified."""

from collections.abc import Callable, Iterator

from models.manifest import MANIFEST
from models.seal import BundleError
from pipeline.errors import ModelError
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import FILE, MOST_BYTES, InService, read_in_service
from pipeline.stores.bundles.reading import BundleInfo, hold
from pipeline.stores.plain_file import read_plain


class Exchange:
    """What a home takes from elsewhere, and what of its own it holds against that."""

    def __init__(self, bundles: Bundles) -> None:
        self._bundles = bundles

    def read(self, content: bytes) -> InService:
        """What a list of models in service says that comes from elsewhere.

        Raises
        ------
        ModelError
            It is damaged, or nobody who is trusted signed it.
        """
        try:
            return read_in_service(content, self._bundles.trust())
        except BundleError as error:
            raise ModelError(str(error)) from error

    def sealed(self) -> bytes:
        """The list of what is in service here, signed; empty where there is none."""
        try:
            return read_plain(self._bundles.folder / FILE, MOST_BYTES)
        except FileNotFoundError:
            return b""

    def serial(self) -> int:
        """The number of the list that is here; 0 where there is none that can be believed."""
        try:
            return self._bundles.in_service().serial
        except ModelError:
            return 0

    def accept(self, content: bytes) -> None:
        """Put a list from elsewhere in place of the one here, once it was verified.

        Raises
        ------
        ModelError
            It is damaged, or nobody who is trusted signed it.
        """
        self.read(content)
        self._bundles.put_list(content)

    def holds(self, name: str) -> bool:
        """Whether a bundle is here and whole."""
        return any(info.path.name == name and self._bundles.is_whole(info) for info in self._bundles.every())

    def receive(self, name: str, manifest: bytes, fetch: Callable[[str], bytes]) -> BundleInfo:
        """Put a bundle from elsewhere among those here, once every file was held against its signed manifest.

        Each is written as it comes, beside those that are here, and none is here before all are verified. Meanwhile
        nobody else publishes here.

        Parameters
        ----------
        fetch
            Gives a file of it by name; after one that is not as it was signed, none is asked for.

        Raises
        ------
        ModelError
            Something of it is not as it was signed.
        """
        info = self._bundles.place(name)
        signed = self._bundles.check(info, manifest, name)["files"]

        def take() -> Iterator[tuple[str, bytes]]:
            for file, digest in sorted(signed.items()):
                yield file, hold(info, file, fetch(file), digest)
            yield MANIFEST, manifest

        self._bundles.put(info, take())
        return info
