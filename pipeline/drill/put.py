"""Where the records of a drill are put: log files in a folder or a bucket that is watched, or the home itself."""

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol

from features.call.verified import VerifiedNames
from pipeline.drill.documents import IndexDocuments
from pipeline.drill.package import Package, PutError
from pipeline.drill.render import KEY_MARK, Rendered
from pipeline.enrich.geo import Geo
from pipeline.enrich.networks import NO_NETWORKS, read_networks
from pipeline.ingest.listing import Listing
from pipeline.ingest.run import ingest
from pipeline.search.engine import Engine
from pipeline.settings import Settings
from pipeline.sources.address import BucketAddress, parse_address
from pipeline.sources.index.place import IndexPlace
from pipeline.stores.home import Store

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LOGS: Final = "AWSLogs"


class Place(Protocol):
    """Somewhere that records can be put, and taken away again."""

    address: str
    """As people write it; empty for the home."""

    def names(self, package: Package) -> tuple[str, ...]:
        """What will hold the records there.

        Raises
        ------
        PutError
            It is no such place.
        """

    def put(self, package: Package) -> None:
        """Put the records there.

        Raises
        ------
        PutError
            It cannot be written.
        """

    def remove(self, names: Sequence[str]) -> None:
        """Take away what is there of a drill.

        Raises
        ------
        PutError
            It cannot be taken away.
        """


def open_place(into: str, store: Store, settings: Settings, now: datetime) -> Place:
    """The place that an argument means; the home where it is empty.

    Raises
    ------
    OddtrailError
        It is none in which records can be put.
    """
    if not into:
        return HomePlace(store, settings, now)
    address = parse_address(into)
    if isinstance(address, BucketAddress):
        return BucketPlace(address)
    if isinstance(address, IndexPlace):
        return IndexDocuments(into, Engine(address.url, connections=1), address.pattern)
    if isinstance(address, str):
        return FolderPlace(Path(address))
    raise PutError(
        f"a drill cannot be put into {into[:200]!r}: give a folder, s3://bucket/prefix or indices that are watched"
    )


class FolderPlace:
    """A folder of log files, in CloudTrail's layout."""

    def __init__(self, folder: Path) -> None:
        self.address, self._folder = str(folder.absolute()), folder.absolute()

    def names(self, package: Package) -> tuple[str, ...]:
        """Paths of the files."""
        if not self._folder.is_dir():
            raise PutError(f"{self._folder} is no folder: give the one that is watched")
        return tuple(str(self._path(key)) for key, _ in package.files)

    def put(self, package: Package) -> None:
        """Write the files, each there whole or not at all."""
        for key, content in package.files:
            path = self._path(key)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                beside = path.with_name(f".{path.name}")  # hidden files are passed over
                beside.write_bytes(content)
                beside.rename(path)
            except OSError as error:
                raise PutError(
                    f"{path} cannot be written ({error.strerror}): give a folder that you may write"
                ) from error

    def remove(self, names: Sequence[str]) -> None:
        """Delete the files, and folders that are empty then."""
        for path in map(Path, names):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise PutError(f"{path} cannot be deleted ({error.strerror}): delete it by hand") from error
            for folder in path.parents:
                if _root_of(self._folder) not in folder.parents:
                    break
                try:
                    folder.rmdir()
                except OSError:
                    break  # others lie in it, or it is gone

    def _path(self, key: str) -> Path:
        return _root_of(self._folder) / key


class HomePlace:
    """The home itself: the files are taken in at once, and nothing else is kept of them."""

    address = ""

    def __init__(self, store: Store, settings: Settings, now: datetime) -> None:
        self._store, self._settings, self._now = store, settings, now

    def names(self, package: Package) -> tuple[str, ...]:
        """None stay."""
        return ()

    def put(self, package: Package) -> None:
        """Take them in."""
        with TemporaryDirectory(prefix="oddtrail-drill-") as folder:
            FolderPlace(Path(folder)).put(package)
            take_in([Path(folder)], self._store, self._settings, self._now)

    def remove(self, names: Sequence[str]) -> None:
        """Nothing is there but the events."""


class BucketPlace:
    """A bucket of log files, in CloudTrail's layout."""

    def __init__(self, address: BucketAddress) -> None:
        self.address, self._bucket, self._prefix = address.text, address.bucket, address.prefix
        self._access = address.access

    def names(self, package: Package) -> tuple[str, ...]:
        """Keys of the objects."""
        root = self._find_root()
        return tuple(root + key.removeprefix(f"{_LOGS}/") for key, _ in package.files)

    def put(self, package: Package) -> None:
        """Put the objects."""
        for key, (_, content) in zip(self.names(package), package.files, strict=True):
            try:
                self._client().put_object(Bucket=self._bucket, Key=key, Body=content)
            except _errors() as error:
                raise PutError(
                    f"s3://{self._bucket}/{key} cannot be written ({error}): a drill needs s3:PutObject and "
                    "s3:DeleteObject below the prefix that is watched"
                ) from error

    def remove(self, names: Sequence[str]) -> None:
        """Delete the objects."""
        for name in names:
            try:
                self._client().delete_object(Bucket=self._bucket, Key=name)
            except _errors() as error:
                raise PutError(f"s3://{self._bucket}/{name} cannot be deleted ({error}): delete it by hand") from error

    def _find_root(self) -> str:
        """What the keys of accounts begin with: up to `AWSLogs/`, or to the organization's id below it."""
        prefix = self._prefix if not self._prefix or self._prefix.endswith("/") else f"{self._prefix}/"
        before, found, after = prefix.partition(f"{_LOGS}/")
        logs = f"{before if found else prefix}{_LOGS}/"
        if after.startswith("o-"):
            return f"{logs}{after.split('/')[0]}/"
        try:
            listed = self._client().list_objects_v2(Bucket=self._bucket, Prefix=f"{logs}o-", Delimiter="/", MaxKeys=2)
        except _errors() as error:
            raise PutError(f"s3://{self._bucket}/{logs} cannot be listed ({error})") from error
        organizations = [str(one["Prefix"]) for one in listed.get("CommonPrefixes", ())]
        return organizations[0] if organizations else logs

    def _client(self) -> Any:
        from pipeline.sources.aws import make_client  # boto3 is loaded when a bucket is met

        return make_client("s3", self._access)


def take_in(listing: Listing | Sequence[Path], store: Store, settings: Settings, now: datetime) -> None:
    """Take in what lies somewhere, as `oddtrail ingest` would with the home's settings."""
    ingest(
        listing,
        store.events,
        geo=Geo.open(settings.geoip) if settings.geoip else None,
        networks=read_networks(settings.networks) if settings.networks else NO_NETWORKS,
        verified=VerifiedNames(settings.verified_session_names),
        now=now,
        threads=settings.threads,
    )


def pack(records: Sequence[Rendered], now: datetime, choice: Random) -> Package:
    """Some records with log files that hold them, one an account and region, as if delivered now.

    >>> records = [Rendered("1", datetime(2026, 3, 2, tzinfo=UTC), "111122223333", "eu-west-1", b"{}")]
    >>> [(key, content)] = pack(records, datetime(2026, 3, 2, 0, 5, tzinfo=UTC), Random(1)).files
    >>> key[:90]
    'AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02/111122223333_CloudTrail_eu-west-1_202'
    >>> gzip.decompress(content)
    b'{"Records":[{}]}'
    """
    of: dict[tuple[str, str], list[bytes]] = {}
    for record in records:
        of.setdefault((record.account, record.region), []).append(record.raw)
    at, out = now.astimezone(UTC), []
    for (account, region), raws in sorted(of.items()):
        name = KEY_MARK + "".join(choice.choices(_LETTERS, k=16 - len(KEY_MARK)))
        key = (
            f"{_LOGS}/{account}/CloudTrail/{region}/{at:%Y/%m/%d}/"
            f"{account}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{name}.json.gz"
        )
        out.append((key, gzip.compress(b'{"Records":[' + b",".join(raws) + b"]}", 6, mtime=0)))
    return Package(records, out)


def _root_of(folder: Path) -> Path:
    """The folder that holds `AWSLogs`, of which a folder may be one below."""
    if _LOGS in folder.parts:
        return Path(*folder.parts[: folder.parts.index(_LOGS)])
    return folder


def _errors() -> tuple[type[Exception], ...]:
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError
