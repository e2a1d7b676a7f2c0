"""Files that Maven brings: a server's distribution, a plugin."""

import shutil
import subprocess
import zipfile
from pathlib import Path

from tests.servers.need import lack


def fetch(group: str, name: str, version: str) -> Path:
    """A zip of Maven's local repository, fetched if it is not there."""
    path = Path.home() / ".m2/repository" / group.replace(".", "/") / name / version / f"{name}-{version}.zip"
    if not path.exists():
        if shutil.which("mvn") is None:
            lack("no Maven is on the path to fetch a search engine with")
        command = ["mvn", "-B", "-q", "-ntp", "dependency:get", f"-Dartifact={group}:{name}:{version}:zip"]
        done = subprocess.run([*command, "-Dtransitive=false"], capture_output=True, text=True, check=False)
        if not path.exists():
            lack(f"{name} {version} cannot be fetched: {(done.stdout + done.stderr)[-300:]}")
    return path


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip whose content lies in one folder, programs executable."""
    with zipfile.ZipFile(archive) as content:
        for member in content.infolist():
            inner = Path(*Path(member.filename).parts[1:])
            if member.is_dir() or inner == Path():
                continue
            target = folder / inner
            target.parent.mkdir(parents=True, exist_ok=True)
            with content.open(member) as source, target.open("wb") as out:
                shutil.copyfileobj(source, out)
            if "bin" in inner.parts or target.suffix == ".sh":
                target.chmod(0o755)
