"""What this machine, or the container we are in, lets us use."""

import os
import resource
import sys
from pathlib import Path

_CGROUP_MEMORY = Path("/sys/fs/cgroup/memory.max")


def cores() -> int:
    """Cores this process may run on."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def memory_limit(cgroup: Path = _CGROUP_MEMORY) -> int:
    """Bytes of memory: the machine's, or the container's where that is less."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = cgroup.read_text().strip()
    except OSError:
        return physical
    return min(physical, int(limit)) if limit.isdigit() else physical


def peak_memory() -> int:
    """Most bytes this process has held at once so far."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
