"""Which cluster answers at an address, so that an empty new one is not taken for the one that was there before."""

from pipeline.search.engine import Engine


def name_cluster(engine: Engine) -> str:
    """The cluster's own id, which outlives its names; its address where it tells none, as a serverless one does.

    Raises
    ------
    UnreachableError
        Nobody answers.
    """
    for path in ("/", "/_cluster/state/version"):
        answer = engine.ask("GET", path)
        told = answer.body.get("cluster_uuid") if isinstance(answer.body, dict) else None
        if answer.status == 200 and isinstance(told, str) and told not in ("", "_na_"):
            return told
    return engine.url.origin
