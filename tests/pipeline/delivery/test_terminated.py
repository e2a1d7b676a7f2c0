"""A function that is told to end while it works has acknowledged nothing, and what it did is not done twice."""

import json
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.pipeline.delivery.doors import an_id, logs_event, some_records

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
    taken: dict[str, int] = {}
    slow = threading.Event()
    asked = threading.Event()

    class Engine(BaseHTTPRequestHandler):
        """Takes a bulk in at once, and answers when it is no longer slow."""

        def do_POST(self):
            lines = self.rfile.read(int(self.headers["content-length"])).split(b"\n")[:-1]
            items = []
            for line in lines[::2]:
                name = json.loads(line)["create"]["_id"]
                items.append({"create": {"status": 409 if name in taken else 201}})
                taken[name] = taken.get(name, 0) + 1
            asked.set()
            if slow.is_set():
                time.sleep(20)
            body = json.dumps({"errors": True, "items": items}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *given):
            pass

    event = json.dumps(logs_event(some_records("a", "b")))
    slow.set()
    with ThreadingHTTPServer(("127.0.0.1", 0), Engine) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = {
            "ODDTRAIL_URL": f"opensearch+http://127.0.0.1:{server.server_port}", "ODDTRAIL_RETENTION": "10000",
            "ODDTRAIL_DEAD_LETTERS": "s3://dead/x/", "PATH": "/usr/bin:/bin",
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
        slow.clear()
        again = subprocess.run(command, env=environment, input=event, capture_output=True, text=True, timeout=120)
        server.shutdown()
    assert json.loads(again.stdout.splitlines()[-1]) == {"records": 2, "indexed": 0, "duplicates": 2}
    assert set(taken) == {an_id("a"), an_id("b")}
