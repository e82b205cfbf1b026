"""``screen2deck keys``: a key is printed once, listed by its beginning, and revoked by it."""

from tests.bot.commands.clean import Run, run

__all__ = ["run"]


def test_a_key_is_made_listed_and_revoked(run: Run) -> None:
    made = run("keys", "add", "my tool", "--role", "operator")
    key = made.stdout.strip()
    assert (made.exit_code, key[:4], len(key) > 40) == (0, "s2d_", True)

    listed = run("keys", "list").stdout
    assert listed == f"{key[:12]}…  operator   my tool  (never used)\n"
    assert run("keys", "revoke", key[:12]).stdout == "The key is revoked.\n"
    assert run("keys", "list").stdout.endswith("(revoked)\n")


def test_two_keys_of_one_name_belong_to_one_person(run: Run) -> None:
    keys = {run("keys", "add", "tool").stdout for _ in range(2)}

    assert len(keys) == 2
    assert run("keys", "list").stdout.count("tool  (never used)") == 2


def test_a_name_without_end_is_refused(run: Run) -> None:
    assert run("keys", "add", "x" * 64).exit_code == 0
    result = run("keys", "add", "x" * 65)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "a name has 64 characters at most." in " ".join(result.stderr.split())


def test_wrong_use_is_told(run: Run) -> None:
    role = run("keys", "add", "tool", "--role", "king")
    assert role.exit_code == 2
    assert "there is no role 'king'; choose one of player, viewer" in " ".join(role.stderr.split())

    missing = run("keys", "revoke", "s2d_nothing")
    assert (missing.exit_code, missing.stderr) == (2, "No key in use begins with s2d_nothing.\n")
