"""One client for every engine: what real servers answer, and what is said when nobody does."""

import socket
import threading
import time

import pytest

from pipeline.errors import SettingsError
from pipeline.search.bulk import BulkWriter, Document
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Engine, UnreachableError, read_error
from pipeline.search.url import parse_url
from tests.servers.engine import free_port


def test_documents_are_created_once_on_every_engine(server, prefix):
    engine = Engine(parse_url(server.url))
    index = f"{prefix}-2026.03.01"
    documents = [Document(index, f"id-{n}", b'{"event":{"id":"%d"},"n":%d}' % (n, n), b"") for n in range(2_500)]
    writer = BulkWriter(engine, lambda document, reason: None, Deadline(120))
    first, second = writer.write(documents), writer.write(documents)
    assert (first.indexed, first.duplicates, first.left, first.dead) == (2_500, 0, [], [])
    assert (second.indexed, second.duplicates, second.left, second.dead) == (0, 2_500, [], [])
    server.ask("POST", f"/{index}/_refresh")
    assert server.ask("GET", f"/{index}/_count")["count"] == 2_500


def test_a_document_that_does_not_fit_is_refused_alone_on_every_engine(server, prefix):
    index = f"{prefix}-2026.03.01"
    server.ask("PUT", f"/{index}", {"mappings": {"properties": {"n": {"type": "long"}}}})
    documents = [Document(index, "good", b'{"n":1}', b""), Document(index, "bad", b'{"n":"x"}', b"the record")]
    engine = Engine(parse_url(server.url))
    sent = BulkWriter(engine, lambda document, reason: None, Deadline(60)).write(documents)
    assert sent.indexed == 1
    [dead] = sent.dead
    assert dead.document.raw == b"the record"
    assert "parsing_exception" in dead.reason


def test_an_error_has_type_and_reason_on_every_engine(server, prefix):
    answer = Engine(parse_url(server.url)).ask("GET", f"/{prefix}-nothing/_search")
    assert answer.status == 404
    assert answer.error[0] == "index_not_found_exception"


def test_a_wrong_password_is_a_fault_of_configuration(opensearch_with_users, monkeypatch):
    monkeypatch.setenv("ENGINE_PASSWORD_OF_TESTS", "wrong")
    engine = Engine(parse_url(opensearch_with_users.url))
    sent = BulkWriter(engine, lambda document, reason: None, Deadline(60)).write([Document("a", "b", b"{}", b"")])
    assert sent.misconfigured
    assert "401" in sent.problem


def test_a_certificate_that_nobody_vouches_for_is_refused(opensearch_with_users):
    url = parse_url(f"opensearch+https://localhost:{opensearch_with_users.port}")
    with pytest.raises(SettingsError, match=r"certificate that is not trusted.*ca="):
        Engine(url).ask("GET", "/")


def test_nobody_there_is_said_so():
    with pytest.raises(UnreachableError, match="does not answer"):
        Engine(parse_url(f"opensearch+http://127.0.0.1:{free_port()}")).ask("GET", "/")


def test_who_does_not_answer_in_time_is_asked_once_only():
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                asked.append(connection)

        threading.Thread(target=listen, daemon=True).start()
        begun = time.monotonic()
        with pytest.raises(UnreachableError):
            Engine(parse_url(f"opensearch+http://127.0.0.1:{listener.getsockname()[1]}")).ask("GET", "/", timeout=0.5)
        assert time.monotonic() - begun < 3
        time.sleep(0.3)
    assert len(asked) == 1


def test_a_user_without_a_password_and_certificates_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="no password"):
        Engine(parse_url("opensearch+https://ana@localhost"))
    with pytest.raises(SettingsError, match="check ca=, cert= and key="):
        Engine(parse_url(f"opensearch+https://localhost?ca={tmp_path}/none.pem"))


def test_a_cause_stands_with_its_error():
    error = {"type": "a", "reason": "b", "caused_by": {"reason": "c", "caused_by": {"reason": "d"}}}
    assert read_error(error) == ("a", "b: c: d")
    assert read_error(None) == ("", "")
    assert read_error("text") == ("", "text")
