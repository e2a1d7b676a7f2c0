"""Who may look: this machine, a token, or a proxy's word from where the proxy is."""

import base64
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse

from pipeline.errors import SettingsError
from pipeline.page.access import Access, Guard, hash_token, read_networks, read_tokens
from tests.pipeline.page.asking import Answered, ask

TOKEN = "correct-horse-battery-staple"
OTHER = "another-horse-another-staple"
HIDDEN = PlainTextResponse("hidden")


def basic(password: str, name: str = "ana") -> tuple[str, str]:
    return "authorization", "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def asked(access: Access, peer: str | None, *headers: tuple[str, str]) -> Answered:
    return ask(Guard(HIDDEN, access), peer=peer, headers=headers)


@pytest.mark.parametrize(
    ("peer", "status"),
    [
        ("127.0.0.1", 200),
        ("127.8.9.1", 200),
        ("::1", 200),
        ("::ffff:127.0.0.1", 200),
        ("192.0.2.1", 403),
        ("::ffff:192.0.2.1", 403),
        ("not an address", 403),
        (None, 403),
    ],
)
def test_without_anything_only_this_machine_may_look(peer: str | None, status: int) -> None:
    assert asked(Access(), peer).status == status
    assert asked(Access(), peer, ("x-forwarded-for", "127.0.0.1"), ("forwarded", "for=127.0.0.1")).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("authorization", f"Bearer {TOKEN}")], 200),
        ([("authorization", f"bearer {OTHER}")], 200),
        ([basic(TOKEN)], 200),
        ([basic(OTHER, name="")], 200),
        ([], 401),
        ([("authorization", "Bearer ")], 401),
        ([("authorization", "Bearer")], 401),
        ([("authorization", f"Bearer {TOKEN[:-1]}")], 401),
        ([("authorization", f"Bearer {TOKEN}x")], 401),
        ([("authorization", f"Digest {TOKEN}")], 401),
        ([("authorization", "Basic !!!")], 401),
        ([("authorization", "Basic " + base64.b64encode(TOKEN.encode()).decode())], 401),
        ([("authorization", f"Bearer {TOKEN}"), ("authorization", f"Bearer {TOKEN}")], 401),
        ([("cookie", f"token={TOKEN}")], 401),
    ],
)
def test_where_there_are_tokens_everybody_needs_one(headers: list[tuple[str, str]], status: int) -> None:
    access = Access(tokens=(hash_token(TOKEN), hash_token(OTHER)))
    for peer in ("192.0.2.1", "127.0.0.1"):
        found = asked(access, peer, *headers)
        assert found.status == status
        assert ("hidden" in found.text) is (status == 200)
    if status == 401:
        assert found.header("www-authenticate").startswith("Basic ")


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("10.0.0.2", [("X-User", "ana")], 200),
        ("::ffff:10.0.0.2", [("x-user", "ana")], 200),
        ("10.0.1.2", [("x-user", "ana")], 403),
        ("127.0.0.1", [("x-user", "ana")], 403),
        ("10.0.0.2", [("x-user", " ")], 403),
        ("10.0.0.2", [("x-user", "ana"), ("x-user", "eve")], 403),
        ("10.0.0.2", [("x_user", "ana")], 403),
        ("10.0.0.2", [], 403),
        (None, [("x-user", "ana")], 403),
    ],
)
def test_a_proxy_is_believed_from_where_it_is(peer: str | None, headers: list[tuple[str, str]], status: int) -> None:
    access = Access(header="x-user", proxies=read_networks(["10.0.0.0/24"]))
    assert asked(access, peer, *headers).status == status


def test_a_token_will_do_where_the_proxy_does_not_speak() -> None:
    access = Access((hash_token(TOKEN),), "x-user", read_networks(["10.0.0.2"]))
    assert asked(access, "10.0.0.2", ("x-user", "ana")).status == 200
    assert asked(access, "192.0.2.1", ("x-user", "ana")).status == 401
    assert asked(access, "192.0.2.1", basic(TOKEN)).status == 200


def test_tokens_are_read_a_line_each_and_kept_as_hashes(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text(f"# analysts\n{TOKEN}\n\n  {OTHER}  \n")
    assert read_tokens(path) == (hash_token(TOKEN), hash_token(OTHER))
    link = tmp_path / "as-a-secret-is-mounted"
    link.symlink_to(path)
    assert read_tokens(link) == read_tokens(path)
    assert TOKEN not in repr(Access(read_tokens(path)))


@pytest.mark.parametrize(
    ("content", "found"),
    [("", "holds no token"), ("# none\n", "holds no token"), (f"{TOKEN}\nshort\n", "line 2"), (b"\xff", "be read")],
)
def test_a_file_without_a_good_token_is_refused(tmp_path: Path, content: str | bytes, found: str) -> None:
    path = tmp_path / "tokens"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SettingsError, match=found):
        read_tokens(path)


def test_what_is_no_file_or_no_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_tokens(tmp_path)
    with pytest.raises(SettingsError, match="which is no network"):
        read_networks(["10.0.0.1/24"])


def test_who_asks_is_known_by_name_or_token_and_never_by_what_he_says_himself() -> None:
    access = Access((hash_token(TOKEN),), "x-user", read_networks(["10.0.0.2"]))
    token = [(b"authorization", f"Bearer {TOKEN}".encode())]
    assert access.find_who("10.0.0.2", [(b"x-user", b" ana ")]) == "ana"
    assert access.find_who("192.0.2.1", [*token, (b"x-user", b"ana")]) == f"token {hash_token(TOKEN).hex()[:8]}"
    assert access.find_who("192.0.2.1", [(b"x-user", b"ana")]) is None
    assert Access().find_who("127.0.0.1", [(b"x-user", b"ana")]) == "somebody on this machine"
