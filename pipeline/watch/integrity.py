"""What came held against CloudTrail's own digests: log files that never came or were changed, digests that are missing.

A digest is judged an hour after it ended, and again whenever something comes that it lists. Each finding is told once;
where what was missing comes after all, that is told as well. A digest that cannot be believed is told once a day and
account, whatever it says, and hides none of the others. While a source cannot be read, nothing is told as missing that
may lie there: those digests wait, and everything else is judged.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final, NamedTuple

from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.digest_file import (
    DAMAGED,
    UNHASHED,
    UNREAD,
    UNREADABLE,
    DigestFile,
    DigestName,
    read_digest_name,
)
from pipeline.stores.home import Store
from pipeline.stores.sqlite.digest_files import DueDigest
from pipeline.stores.waits import Waits, note_waits
from pipeline.watch.finding import (
    Finding,
    What,
    ask_next,
    tell_broken,
    tell_objects,
    tell_unbelieved,
    tell_unread,
    tell_unreadable,
    write_command,
)
from pipeline.watch.reach import Reach
from pipeline.watch.signature import PublicKeys, Standing, problem_of, verify
from pipeline.watch.tell import Integrity, Teller

MATURE: Final = timedelta(hours=1)
"""After its end, how long what a digest lists may be on its way."""
OVERDUE: Final = timedelta(hours=3)
"""After the end of a chain's last digest, when log files without a digest are told: the next takes an hour, is
delivered within some minutes, and is listed within another hour."""
_LOOKED: Final = "integrity/looked"
"""Setting of a home's state: the hour in which it was last looked for digests that come no more."""
_SIGNED: Final = "integrity/signed"
"""Setting of a home's state: chains of digests of which one was verified; of those all have to be."""
_CHAINS: Final = 10_000
_AT_ONCE: Final = 200
_REASONS: Final = 20
"""Reasons why log files could not be read that are told, those of most files."""


def hold_to_digests(
    store: Store,
    now: datetime,
    keys: PublicKeys | None = None,
    check: Callable[[], None] = lambda: None,
    *,
    goes_on: bool = False,
    waits: Waits | None = None,
) -> Integrity:
    """Judge the digests that are due, and tell what is found; to be called when the sources have been read.

    Parameters
    ----------
    keys
        CloudTrail's public keys; without them only hashes are compared.
    check
        Called before each digest; whatever it raises ends this, and what was judged before stays so.
    goes_on
        More may come of a copy that is under way: digests are judged when they have been here as long as `MATURE`.
    waits
        Accounts of which not all could be read, and why; None where all was.

    Raises
    ------
    StoreError
        The home cannot be read or written.
    """
    done = Integrity()
    if waits is not None and store.digest_files.has_any():
        done.waits = waits.why
    note_waits(store.state, waits if done.waits else None, now, store.digest_files.wake)
    teller = Teller(store, now, done)
    judge = _Judge(store, now, keys, waits, teller, done)
    try:
        while due := store.digest_files.due(now - MATURE, _AT_ONCE, came=now - MATURE if goes_on else None):
            for digest in due:
                check()
                judge.judge(digest)
        judge.judge_unread()
        looked = f"{now:%Y-%m-%dT%H}" if waits is None else f"{now:%Y-%m-%dT%H} {waits.mark}"
        if store.state.setting(_LOOKED) != looked:
            judge.judge_ends()
            store.state.put_setting(_LOOKED, looked)
    finally:
        teller.finish()
    return done


class _Shown(NamedTuple):
    """What a digest shows of one kind."""

    finding: Finding | None = None
    held: bool = False
    """More of it may be found once all can be read."""


class _Judge:
    """Judges digests as of a time."""

    def __init__(
        self, store: Store, now: datetime, keys: PublicKeys | None, waits: Waits | None, teller: Teller, done: Integrity
    ) -> None:
        self._store, self._digests, self._now, self._keys = store, store.digest_files, now, keys
        self._waits, self._teller, self._done = waits, teller, done
        self._watched = self._digests.watched_since()
        self._reach = Reach(self._digests)
        self._signed: list[str] = store.state.setting(_SIGNED, [])
        self._verified = set[str]()

    def judge(self, due: DueDigest) -> None:
        """Tell what a digest shows, and have it wait for what may come."""
        digest, told = due.file, read_digest_name(due.file.name)
        if digest.problem and self._digests.is_superseded(due.id):
            self._digests.settle([due.id])
            return
        self._done.digests += 1
        standing = "unsigned" if digest.problem else verify(digest, self._keys)
        problem = digest.problem or self._doubt(told, standing)
        if problem and not digest.problem:
            self._digests.disbelieve(due.id, problem)
        if problem or told is None or told.account not in self._watched:
            self._digests.forget_objects(due.id)
        if problem or told is None:
            self._teller.tell(self._unbelieved(digest, told, problem, standing))
            self._digests.settle([due.id])
            return
        shown = [self._judge_objects(due, told, standing), self._judge_chain(digest, told, standing)]
        for one in shown:
            if one.finding is not None:
                self._teller.tell(one.finding, whole=not one.held)
        keep = {one.finding.key for one in shown if one.finding is not None}
        keep |= {key for key, one in zip(_keys(digest), shown, strict=True) if one.held}
        self._teller.clear({*_keys(digest), f"unreadable/{told.account}"} - keep)
        if any(one.held for one in shown):
            self._digests.have_wait([due.id])
        elif standing == "unsigned" and digest.signature and self._keys and problem_of(self._keys, told.region):
            self._digests.have_verified([due.id])
        else:
            self._digests.settle([due.id])
        if standing == "verified":
            self._done.verified += 1
            if told.chain not in self._verified:
                self._verified.add(told.chain)
                self._digests.wake(told.chain)

    def _doubt(self, told: DigestName | None, standing: Standing) -> str:
        """Why a digest is not believed for its signature; empty where it is."""
        if standing == "wrong":
            return "its signature is not CloudTrail's"
        if told is None or self._keys is None:
            return ""
        if standing == "verified" and told.chain not in self._signed:
            self._signed = sorted({*self._signed, told.chain})[-_CHAINS:]
            self._store.state.put_setting(_SIGNED, self._signed)
        if standing == "unsigned" and told.chain in self._signed and not problem_of(self._keys, told.region):
            return "no signature of CloudTrail's came with it, though others of its trail have one"
        return ""

    def _is_away(self, account: str) -> bool:
        """Whether more of an account may lie where nothing could be read."""
        return self._waits is not None and self._waits.hold(account)

    # what it lists

    def _judge_objects(self, due: DueDigest, told: DigestName, standing: Standing) -> _Shown:
        since = self._watched.get(told.account)
        if since is None:
            return _Shown()  # nothing of the account is read here
        listed = self._digests.objects(due.id)
        came = self._digests.contents(listed)
        absent = {name: content for name, content in listed.items() if name not in came and _is_from(name, since)}
        elsewhere = self._digests.elsewhere(set(absent.values()))
        missing = [name for name, content in absent.items() if content not in elsewhere]
        if missing and (reach := self._reach.since(told.account)) is not None:
            missing = [name for name in missing if _is_from(name, reach)]
        held = bool(missing) and self._is_away(told.account)
        changed = [name for name in came if _is_changed(listed[name], came[name])]
        if held:
            missing = []
        if not missing and not changed:
            return _Shown(held=held)
        command = write_command(told, due.file.start, told.end)
        text = tell_objects(due.file, told, missing, changed) + ask_next(command, told, standing)
        finding = Finding(
            "objects", _key("objects", due.file), told.account, told.region, due.file.start, told.end,
            missing + changed, text, standing, command,
            marks=[*(f"missing {name}" for name in missing), *(f"changed {name}" for name in changed)],
        )  # fmt: skip
        return _Shown(finding, held)

    def judge_unread(self) -> None:
        """Tell which log files could not be read, by account and reason."""
        found: dict[tuple[str, str], list[str]] = {}
        for name, reason in self._digests.unread():
            found.setdefault((name[:12], reason), []).append(name)
        keys = set[str]()
        for (account, reason), names in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
            keys.add(key := f"unread/{account}/{blake2b(reason.encode(), digest_size=8).hexdigest()}")
            if len(keys) <= _REASONS:
                text = tell_unread(account, names, reason)
                self._teller.tell(Finding("unread", key, account, "", None, None, names, text, "unsigned"))
        self._teller.clear({told.key for told in self._digests.open_findings("unread/")} - keys)

    # the digest before

    def _judge_chain(self, digest: DigestFile, told: DigestName, standing: Standing) -> _Shown:
        last = self._digests.before(digest.name)
        if digest.begins and last:
            if not self._is_in_reach(told, _end(last)):
                return _Shown()
            return _Shown(self._broken("chain_begins", digest, told, standing, _end(last), digest.start, [last]))
        if not digest.previous:
            return _Shown()
        versions = self._digests.contents_of(digest.previous)
        if versions == {digest.previous_content}:
            return _Shown()
        if versions:
            end = _end(digest.previous)
            since = None if end is None else end - MATURE
            return _Shown(self._broken("digest_changed", digest, told, standing, since, end, [digest.previous]))
        last = self._digests.before(digest.previous)
        if not last or not self._is_in_reach(told, _end(last)):
            return _Shown()  # before the first that was ever read
        if self._is_away(told.account):
            return _Shown(held=True)
        missing = [digest.previous]
        return _Shown(self._broken("digest_missing", digest, told, standing, _end(last), digest.start, missing))

    def _is_in_reach(self, told: DigestName, end: datetime | None) -> bool:
        """Whether an account was read when a digest ended, give or take a day."""
        since = self._reach.since(told.account) if told.account in self._watched else None
        return since is None or end is None or end.astimezone(UTC).date() >= since.astimezone(UTC).date()

    def judge_ends(self) -> None:
        """Find chains of which no digest comes any more, though log files do."""
        ends: dict[tuple[str, str], list[DigestName]] = {}
        names: dict[tuple[str, str], list[str]] = {}
        for name in self._digests.last_of_chains(self._now + MATURE):
            told = read_digest_name(name)
            if told is not None and told.account in self._watched and not self._is_away(told.account):
                ends.setdefault((told.account, told.region), []).append(told)
                names.setdefault((told.account, told.region), []).append(name)
        for (account, region), last in ends.items():
            newest = read_delivery(self._digests.newest_log(account, region)).at
            over = [at for at, told in enumerate(last) if newest is not None and newest > told.end + OVERDUE]
            key = f"ends/{account}/{region}"
            if newest is None or not over:
                self._teller.clear({key})
                continue
            first = min((last[at] for at in over), key=lambda told: told.end)
            objects = [names[account, region][at] for at in over]
            command = write_command(first, first.end, newest)
            text = tell_broken("chain_ends", first, first.end, newest, objects[0])
            text += ask_next(command, first, "unsigned")
            self._teller.tell(
                Finding("chain_ends", key, account, region, first.end, newest, objects, text, "unsigned", command)
            )

    @staticmethod
    def _broken(
        what: What, digest: DigestFile, told: DigestName, standing: Standing, since: datetime | None,
        until: datetime | None, objects: Sequence[str],
    ) -> Finding:  # fmt: skip
        """A finding of a chain that is broken before a digest."""
        command = write_command(told, since, told.end)
        text = tell_broken(what, told, since, until, objects[0]) + ask_next(command, told, standing)
        key = _key("chain", digest)
        return Finding(what, key, told.account, told.region, since, until, objects, text, standing, command)

    # what is not believed

    def _unbelieved(self, digest: DigestFile, told: DigestName | None, problem: str, standing: Standing) -> Finding:
        """The finding of the day for its account; for accounts of which nothing is read, one for all."""
        account = told.account if told is not None and told.account in self._watched else ""
        key = f"unbelieved/{account}/{self._now.date()}"
        if problem.startswith(UNREADABLE):
            key = f"unreadable/{account}"
            text = tell_unreadable(account, digest.name, problem.removeprefix(UNREADABLE))
        else:
            text = tell_unbelieved(account, digest.name, problem)
        region = told.region if told is not None and account else ""
        end = told.end if told else None
        return Finding("digest_unbelieved", key, account, region, None, end, [digest.name], text, standing)


def _is_from(name: str, since: datetime) -> bool:
    """Whether a log file was delivered from a time on."""
    at = read_delivery(name).at
    return at is not None and at >= since


def _is_changed(listed: bytes, came: set[bytes]) -> bool:
    """Whether something else came under a name; a part of it came before the whole where a copy was being made."""
    read = {content for content in came if not content.startswith(UNREAD)}
    if read - {listed, DAMAGED, UNHASHED}:
        return True
    return DAMAGED in read and listed not in read


def _keys(digest: DigestFile) -> tuple[str, str]:
    """Keys of what a digest may show."""
    return _key("objects", digest), _key("chain", digest)


def _key(what: str, digest: DigestFile) -> str:
    return f"{what}/{digest.name}/{digest.content.hex()[:16]}"


def _end(name: str) -> datetime | None:
    told = read_digest_name(name)
    return None if told is None else told.end
