"""Version and operating system of a tool, as far as its user agent says: for ECS's names, never for evidence."""

import re
from typing import Any, Final

_VERSION: Final = re.compile(r"[A-Za-z][\w.+-]{0,60}/v?(\d[\w.+-]{0,30})")
_LONGEST_LOOKED_AT: Final = 1_024
_SYSTEMS: Final = (
    (r"\bos/(?:macos|darwin)(?:#([\w.]+))?|\bDarwin/([\w.]+)|\bMac OS X ([\d_.]+)", "macOS"),
    (r"\bos/windows(?:#([\w.]+))?|\bWindows(?: NT|/)? ?([\d.]+)|\bWindows\b", "Windows"),
    (r"\bos/android(?:#([\w.]+))?|\bAndroid[ /]([\d.]+)", "Android"),
    (r"\bos/ios(?:#([\w.]+))?|\biPhone OS ([\d_]+)", "iOS"),
    (r"\bos/linux(?:#([\w.]+))?|\bLinux/([\w.]+)|\bLinux\b|\blinux\b", "Linux"),
)
_SYSTEM: Final = [(re.compile(look), name) for look, name in _SYSTEMS]


def describe_agent(user_agent: str) -> dict[str, Any]:
    """`version` and `os` of a user agent, where it names them.

    >>> describe_agent("Boto3/1.34.131 md/Botocore#1.34.131 os/linux#5.10.223 lang/python#3.12.5")
    {'version': '1.34.131', 'os': {'name': 'Linux', 'version': '5.10.223'}}
    >>> describe_agent("AWS Internal")
    {}
    """
    looked_at = user_agent[:_LONGEST_LOOKED_AT]
    described: dict[str, Any] = {}
    if version := _VERSION.search(looked_at):
        described["version"] = version[1]
    for look, name in _SYSTEM:
        if found := look.search(looked_at):
            number = next(filter(None, found.groups()), "")
            described["os"] = {"name": name} | ({"version": number.replace("_", ".")} if number else {})
            break
    return described
