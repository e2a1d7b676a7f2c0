"""What statuses and errors mean: the table of outcomes, row by row."""

import pytest

from pipeline.search.outcome import Outcome, bound, classify


@pytest.mark.parametrize(
    ("status", "kind", "reason", "outcome"),
    [
        (200, "", "", Outcome.OK),
        (201, "", "", Outcome.OK),
        (409, "version_conflict_engine_exception", "document already exists", Outcome.DUPLICATE),
        (409, "resource_in_use_exception", "", Outcome.RETRY),
        (429, "es_rejected_execution_exception", "rejected execution", Outcome.RETRY),
        (429, "circuit_breaking_exception", "Data too large", Outcome.RETRY),
        (429, "cluster_block_exception", "disk usage exceeded flood-stage watermark", Outcome.RETRY_SLOWLY),
        (403, "cluster_block_exception", "index [x] blocked by: [FORBIDDEN/8/index write (api)]", Outcome.RETRY_SLOWLY),
        (403, "index_create_block_exception", "blocked by: [FORBIDDEN/10]", Outcome.RETRY_SLOWLY),
        (403, "security_exception", "no permissions for [indices:data/write/bulk]", Outcome.CONFIGURATION),
        (403, "", "The security token included in the request is expired", Outcome.CONFIGURATION),
        (401, "", "Unauthorized", Outcome.CONFIGURATION),
        (400, "mapper_parsing_exception", "failed to parse field [a]", Outcome.REPAIR),
        (400, "document_parsing_exception", "failed to parse", Outcome.REPAIR),
        (400, "illegal_argument_exception", "Document contains at least one immense term", Outcome.REPAIR),
        (400, "strict_dynamic_mapping_exception", "introduction of [a] not allowed", Outcome.REPAIR),
        (400, "illegal_argument_exception", "Limit of total fields [1000] has been exceeded", Outcome.CONFIGURATION),
        (404, "index_not_found_exception", "no such index [x]", Outcome.CREATE_INDEX),
        (404, "", "no handler", Outcome.CONFIGURATION),
        (405, "", "", Outcome.CONFIGURATION),
        (413, "", "Request size exceeded 10485760 bytes", Outcome.SPLIT),
        (500, "", "", Outcome.RETRY),
        (502, "", "", Outcome.RETRY),
        (503, "unavailable_shards_exception", "primary shard is not active", Outcome.RETRY),
        (504, "", "", Outcome.RETRY),
        (307, "", "", Outcome.CONFIGURATION),
        (0, "", "", Outcome.RETRY),
    ],
)
def test_a_status_and_an_error_mean_one_outcome(status, kind, reason, outcome):
    assert classify(status, kind, reason) is outcome


def test_an_engines_words_are_bounded():
    assert bound(None) == ""
    assert len(bound("x" * 10_000)) == 500
