"""What the engines' viewers need: a detector as the plugin takes it, a data view, and the header that they ask for."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pipeline.documents.document import Naming
from pipeline.documents.fields import EVENT_FIELDS
from pipeline.documents.viewers import FEATURES, make_data_view, make_detector, put_data_view
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url


def test_a_detector_asks_for_fields_that_events_have_and_no_more_features_than_the_plugin_takes():
    detector, fields = make_detector(Naming()), {field.name: field.type for field in EVENT_FIELDS}
    assert fields[detector["time_field"]] == "date"
    assert {fields[name] for name in detector["category_field"]} == {"keyword"}
    assert len(detector["feature_attributes"]) == len(FEATURES) == 5
    assert len(detector["category_field"]) == 2


@pytest.mark.parametrize(("product", "field"), [("opensearch", "data_start_time"), ("elasticsearch", "timestamp")])
def test_a_data_view_has_the_field_of_time_that_all_its_documents_share(product, field):
    assert make_data_view(product)["attributes"]["timeFieldName"] == field


def test_the_request_holds_what_dashboards_asks_for():
    seen = []

    class Dashboards(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            seen.append((self.path, self.headers["osd-xsrf"], self.headers["kbn-xsrf"], body))
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Dashboards) as server:
        threading.Thread(target=server.handle_request).start()
        put_data_view(Engine(parse_url(f"opensearch+http://127.0.0.1:{server.server_port}")), "opensearch")
    [(path, ours, theirs, body)] = seen
    assert path == "/api/saved_objects/index-pattern/oddtrail-anomalies?overwrite=true"
    assert ours == theirs == "true"
    assert body["attributes"] == make_data_view("opensearch")["attributes"]
