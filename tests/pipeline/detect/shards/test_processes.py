"""A shard's process ends with whoever started it, however that ends; what it does is held in the tests of judging."""

import subprocess
import sys
from pathlib import Path

LEFT_WITHOUT_A_WORD = """
import sys
from pathlib import Path
from pipeline.detect.shards.processes import start_shard

if __name__ == "__main__":
    held = start_shard(Path(sys.argv[1]), shard=0, of=2, threads=1, memory=2**28)
    held.__enter__()
    sys.exit(7)
"""


def test_who_ends_without_leaving_the_block_is_not_kept_waiting(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(LEFT_WITHOUT_A_WORD)
    assert subprocess.run([sys.executable, script, tmp_path], timeout=120).returncode == 7
