"""A repository inside of the root, to clone and pull from: this release with its tag, then one that adds a table."""

import re
import subprocess
import tempfile
from pathlib import Path

from tools.bare_debian.roots import PROJECT

LATER = "0999_later"
_MIGRATION = """from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("storage", "{before}")]

    operations = [ops.RunSQL("CREATE TABLE later (id INTEGER)", "DROP TABLE later")]
"""
_AUTHOR = ("-c", "user.name=Release", "-c", "user.email=release@localhost")


def last_migration(source: Path) -> str:
    """The name of a release's last migration."""
    return max(path.stem for path in (source / "storage" / "migrations").glob("0*.py"))


def publish(repository: Path, tag: str) -> None:
    """Make the repository of what is committed here, with that tag."""
    _git("init", "--quiet", "--bare", "--initial-branch=main", str(repository))
    _git("-C", str(repository), "config", "receive.shallowUpdate", "true")
    _git("-C", str(PROJECT), "push", "--quiet", str(repository), "HEAD:refs/heads/main", f"HEAD:refs/tags/{tag}")


def publish_the_next(repository: Path) -> None:
    """Add a release with a higher version and one migration more."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary) / "work"
        _git("clone", "--quiet", str(repository), str(work))
        project = work / "pyproject.toml"
        project.write_text(re.sub(r'(?m)^version = ".*"', 'version = "999.0"', project.read_text()))
        source = _MIGRATION.format(before=last_migration(work))
        (work / "storage" / "migrations" / f"{LATER}.py").write_text(source)
        _git("-C", str(work), "add", "--all")
        _git("-C", str(work), *_AUTHOR, "commit", "--quiet", "--no-verify", "--message", "The next release")
        _git("-C", str(work), "push", "--quiet", "origin", "main")


def _git(*words: str) -> None:
    subprocess.run(["git", *words], check=True)  # noqa: S607  (found by PATH, as its user does)
