"""What came held against CloudTrail's own digests: log files that never came or were changed, digests that are missing.

A digest is judged an hour after it ended, and again whenever something comes that it lists. Each finding is told once;
where what was missing comes after all, that is told as well. A digest that cannot be believed is told once a day and
account, whatever it says, and hides none of the others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.digest_file import DAMAGED, UNHASHED, UNREADABLE, DigestFile, DigestName, read_digest_name
from pipeline.stores.home import Store
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
from pipeline.stores.sqlite.digest_files import DueDigest, Told
from pipeline.watch.finding import (
    Finding,
    What,
    ask_next,
    tell_broken,
    tell_objects,
    tell_unbelieved,
    tell_unreadable,
    write_command,
)
from pipeline.watch.signature import PublicKeys, Standing, verify

KIND: Final = "integrity"
"""Of the operations events."""
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


@dataclass
class Integrity:
    """What judging came to."""

    digests: int = 0
    verified: int = 0
    """Of these, the ones whose signature was found to be CloudTrail's."""
    found: list[Finding] = field(default_factory=list)
    """Told for the first time."""
    cleared: list[str] = field(default_factory=list)
    """What was told before and is so no more."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "digests": self.digests, "verified": self.verified,
            "found": [finding.as_dict() for finding in self.found], "cleared": self.cleared,
        }  # fmt: skip


def hold_to_digests(
    store: Store,
    now: datetime,
    keys: PublicKeys | None = None,
    check: Callable[[], None] = lambda: None,
    *,
    goes_on: bool = False,
) -> Integrity:
    """Judge the digests that are due, and tell what is found; to be called when all sources have been read.

    Parameters
    ----------
    keys
        CloudTrail's public keys; without them only hashes are compared.
    check
        Called before each digest; whatever it raises ends this, and what was judged before stays so.
    goes_on
        More may come of a copy that is under way: digests are judged when they have been here as long as `MATURE`.

    Raises
    ------
    StoreError
        The home cannot be read or written.
    """
    judge, done = _Judge(store, now, keys), Integrity()
    while due := store.digest_files.due(now - MATURE, _AT_ONCE, came=now - MATURE if goes_on else None):
        for digest in due:
            check()
            judge.judge(digest, done)
            store.digest_files.settle([digest.id])
    if store.state.setting(_LOOKED) != f"{now:%Y-%m-%dT%H}":
        judge.judge_ends(done)
        store.state.put_setting(_LOOKED, f"{now:%Y-%m-%dT%H}")
    return done


class _Judge:
    """Judges digests as of a time."""

    def __init__(self, store: Store, now: datetime, keys: PublicKeys | None) -> None:
        self._store, self._digests, self._now, self._keys = store, store.digest_files, now, keys
        self._watched = self._digests.watched_since()
        self._signed: list[str] = store.state.setting(_SIGNED, [])

    def judge(self, due: DueDigest, done: Integrity) -> None:
        digest, told = due.file, read_digest_name(due.file.name)
        if digest.problem and self._digests.is_superseded(due.id):
            return
        done.digests += 1
        standing = "unsigned" if digest.problem else verify(digest, self._keys)
        done.verified += standing == "verified"
        problem = digest.problem or self._doubt(told, standing)
        if problem and not digest.problem:
            self._digests.disbelieve(due.id, problem)
        if problem or told is None or told.account not in self._watched:
            self._digests.forget_objects(due.id)
        if problem or told is None:
            self._tell(self._unbelieved(digest, told, problem, standing), done)
            return
        found = [self._judge_objects(due, told, standing), self._judge_chain(digest, told, standing)]
        for finding in found:
            if finding is not None:
                self._tell(finding, done)
        keys = {finding.key for finding in found if finding is not None}
        own = {_key("objects", digest), _key("chain", digest), f"unreadable/{told.account}"}
        self._clear(own - keys, done)

    def _doubt(self, told: DigestName | None, standing: Standing) -> str:
        """Why a digest is not believed for its signature; empty where it is."""
        if standing == "wrong":
            return "its signature is not CloudTrail's"
        if told is None or self._keys is None:
            return ""
        if standing == "verified" and told.chain not in self._signed:
            self._signed = sorted({*self._signed, told.chain})[-_CHAINS:]
            self._store.state.put_setting(_SIGNED, self._signed)
        if standing == "unsigned" and told.chain in self._signed and not self._keys.problem:
            return "no signature of CloudTrail's came with it, though others of its trail have one"
        return ""

    # what it lists

    def _judge_objects(self, due: DueDigest, told: DigestName, standing: Standing) -> Finding | None:
        since = self._watched.get(told.account)
        if since is None:
            return None  # nothing of the account is read here
        listed = {
            name: content
            for name, content in self._digests.objects(due.id).items()
            if (at := read_delivery(name).at) is not None and at >= since
        }
        came = self._digests.contents(listed)
        absent = {name: content for name, content in listed.items() if name not in came}
        elsewhere = self._digests.elsewhere(set(absent.values()))
        missing = [name for name, content in absent.items() if content not in elsewhere]
        changed = [name for name in came if _is_changed(listed[name], came[name])]
        if not missing and not changed:
            return None
        command = write_command(told, due.file.start, told.end)
        text = tell_objects(due.file, told, missing, changed) + ask_next(command, told, standing)
        return Finding(
            "objects", _key("objects", due.file), told.account, told.region, due.file.start, told.end,
            missing + changed, text, standing, command,
        )  # fmt: skip

    # the digest before

    def _judge_chain(self, digest: DigestFile, told: DigestName, standing: Standing) -> Finding | None:
        last = self._digests.before(digest.name)
        if digest.begins and last:
            return self._broken("chain_begins", digest, told, standing, _end(last), digest.start, [last])
        if not digest.previous:
            return None
        versions = self._digests.contents_of(digest.previous)
        if versions == {digest.previous_content}:
            return None
        if versions:
            end = _end(digest.previous)
            since = None if end is None else end - MATURE
            return self._broken("digest_changed", digest, told, standing, since, end, [digest.previous])
        last = self._digests.before(digest.previous)
        if not last:
            return None  # before the first that was ever read
        return self._broken("digest_missing", digest, told, standing, _end(last), digest.start, [digest.previous])

    def judge_ends(self, done: Integrity) -> None:
        """Find chains of which no digest comes any more, though log files do."""
        ends: dict[tuple[str, str], list[DigestName]] = {}
        names: dict[tuple[str, str], list[str]] = {}
        for name in self._digests.last_of_chains(self._now + MATURE):
            told = read_digest_name(name)
            if told is not None and told.account in self._watched:
                ends.setdefault((told.account, told.region), []).append(told)
                names.setdefault((told.account, told.region), []).append(name)
        for (account, region), last in ends.items():
            newest = read_delivery(self._digests.newest_log(account, region)).at
            over = [at for at, told in enumerate(last) if newest is not None and newest > told.end + OVERDUE]
            key = f"ends/{account}/{region}"
            if newest is None or not over:
                self._clear({key}, done)
                continue
            first = min((last[at] for at in over), key=lambda told: told.end)
            objects = [names[account, region][at] for at in over]
            command = write_command(first, first.end, newest)
            text = tell_broken("chain_ends", first, first.end, newest, objects[0]) + ask_next(
                command, first, "unsigned"
            )
            self._tell(
                Finding("chain_ends", key, account, region, first.end, newest, objects, text, "unsigned", command), done
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

    # telling

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
        return Finding(
            "digest_unbelieved",
            key,
            account,
            region,
            None,
            told.end if told else None,
            [digest.name],
            text,
            standing,
        )

    def _tell(self, finding: Finding, done: Integrity) -> None:
        """Tell a finding, unless it was told of as many objects before."""
        before = self._digests.finding(finding.key)
        if before is not None and not before.cleared and before.objects >= len(finding.objects):
            return
        more = {name: value for name, value in finding.as_dict().items() if name != "text"}
        OperationsJsonl(self._store.home / OPERATIONS_FILE).add(KIND, self._now, finding.text, **more)
        told = Told(finding.key, finding.what, self._now, len(finding.objects), finding.text, False)
        self._digests.put_finding(told)
        done.found.append(finding)

    def _clear(self, keys: set[str], done: Integrity) -> None:
        """Say of what was told that it is so no more."""
        for key in sorted(keys):
            before = self._digests.finding(key)
            if before is None or before.cleared:
                continue
            text = f"All is as CloudTrail delivered it now, which it was not when this was told: {before.text[:300]} …"
            OperationsJsonl(self._store.home / OPERATIONS_FILE).add(
                f"{KIND}_cleared", self._now, text, what=before.kind
            )
            self._digests.put_finding(before._replace(cleared=True))
            done.cleared.append(text)


def _is_changed(listed: bytes, came: set[bytes]) -> bool:
    """Whether something else came under a name; a part of it came before the whole where a copy was being made."""
    if came - {listed, DAMAGED, UNHASHED}:
        return True
    return DAMAGED in came and listed not in came


def _key(what: str, digest: DigestFile) -> str:
    return f"{what}/{digest.name}/{digest.content.hex()[:16]}"


def _end(name: str) -> datetime | None:
    told = read_digest_name(name)
    return None if told is None else told.end
