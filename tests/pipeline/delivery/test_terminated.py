"""A function that is told to end while it works has acknowledged nothing, and what it did is not done twice."""

import json
import signal
import subprocess
import sys
import threading
import time

from tests.pipeline.delivery.doors import an_id, logs_event, some_records
from tests.servers.sham import sham

RUN = """
import json, sys
from lambda_ingest.handler import handler
class Context:
    def get_remaining_time_in_millis(self):
        return 60_000
print("began", flush=True)
print(json.dumps(handler(json.load(sys.stdin), Context())), flush=True)
"""


def test_it_is_ended_in_the_middle_of_a_request_and_comes_again():
    asked = threading.Event()

    def wait_once_it_is_taken() -> None:
        if not asked.is_set():
            asked.set()
            time.sleep(20)

    event = json.dumps(logs_event(some_records("a", "b")))
    with sham() as engine:
        engine.before_answering = wait_once_it_is_taken
        environment = {
            "ODDTRAIL_URL": engine.url, "ODDTRAIL_RETENTION": "10000", "ODDTRAIL_DEAD_LETTERS": "s3://dead/x/",
            "PATH": "/usr/bin:/bin",
        }  # fmt: skip
        command = [sys.executable, "-c", RUN]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, env=environment, **pipes) as first:
            assert first.stdin is not None
            first.stdin.write(event)
            first.stdin.close()
            assert asked.wait(60)
            first.send_signal(signal.SIGTERM)
            assert first.wait(10) == -signal.SIGTERM
            assert first.stdout is not None
            assert first.stdout.read().split() == ["began"]
        again = subprocess.run(command, env=environment, input=event, capture_output=True, text=True, timeout=120)
    assert json.loads(again.stdout.splitlines()[-1]) == {"records": 2, "indexed": 0, "duplicates": 2}
    assert engine.ids == sorted([an_id("a"), an_id("b")])
