"""Keys that sign tokens: shared by processes, rotated with a grace time, unreadable without the secret."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from config.settings import Settings, SettingsError
from storage import models, signing
from storage.database import Database
from storage.signing import Ring, master_secret, open_ring
from tests.making import NOW, seconds

RING = Ring.of("a secret of more than thirty-two characters")


@pytest.mark.usefixtures("database")
class TestKeys:
    async def test_processes_of_one_secret_share_their_first_key(self) -> None:
        first = await signing.ensured_keys(RING, now=NOW)
        again = await signing.ensured_keys(Ring.of("a secret of more than thirty-two characters"), now=NOW)

        assert len(first) == 1
        assert again == first

    async def test_of_processes_that_start_together_one_makes_the_key(self) -> None:
        found = await asyncio.gather(*(signing.ensured_keys(RING, now=NOW) for _ in range(4)))
        assert {tuple(key.kid for key in keys) for keys in found} == {(found[0][0].kid,)}

    async def test_a_new_key_signs_and_the_old_one_is_accepted_until_its_grace_ends(self) -> None:
        [old] = await signing.ensured_keys(RING, now=NOW)
        new = await signing.rotate(RING, accepted_until=seconds(3600), now=NOW)

        assert [key.kid for key in await signing.signing_keys(RING, now=seconds(3599))] == [new, old.kid]
        assert [key.kid for key in await signing.signing_keys(RING, now=seconds(3600))] == [new]
        assert await signing.drop_old_keys(now=seconds(3599)) == 0
        assert await signing.drop_old_keys(now=seconds(3600)) == 1

    async def test_a_second_rotation_does_not_lengthen_the_grace_of_the_first(self) -> None:
        [first] = await signing.ensured_keys(RING, now=NOW)
        await signing.rotate(RING, accepted_until=seconds(60), now=NOW)
        await signing.rotate(RING, accepted_until=seconds(3600), now=seconds(1))

        kept = {key.kid: key.accepted_until for key in await signing.signing_keys(RING, now=seconds(2))}
        assert kept[first.kid] == seconds(60)

    async def test_another_secret_opens_nothing_and_has_a_ring_of_its_own(self) -> None:
        [mine] = await signing.ensured_keys(RING, now=NOW)
        other = Ring.of("another secret of more than thirty-two characters")
        [theirs] = await signing.ensured_keys(other, now=NOW)

        assert theirs.kid != mine.kid
        assert await signing.ring_names() == dict.fromkeys(sorted((RING.name, other.name)), 1)

    async def test_the_database_holds_no_key_as_it_is(self) -> None:
        [key] = await signing.ensured_keys(RING, now=NOW)
        row = await models.SigningKey.get(kid=key.kid)
        assert key.secret.hex() not in row.sealed
        assert "secret" not in repr(key).replace("secret=", "")


class TestSecret:
    def test_it_is_made_once_and_kept_for_its_owner(self, tmp_path: Path) -> None:
        settings = Settings(_env_file=None, data_dir=tmp_path)  # type: ignore[call-arg]
        first = master_secret(settings)

        assert len(first) > 32
        assert master_secret(settings) == first
        assert (tmp_path / "jwt-secret").stat().st_mode & 0o777 == 0o600
        assert [one.name for one in tmp_path.iterdir()] == ["jwt-secret"]

    def test_a_short_one_is_refused(self, tmp_path: Path) -> None:
        settings = Settings(_env_file=None, data_dir=tmp_path, jwt_secret="short")  # type: ignore[call-arg, arg-type]  # noqa: S106
        with pytest.raises(SettingsError, match="JWT_SECRET is too short: it needs 32 characters or more"):
            open_ring(settings)

    def test_a_folder_that_cannot_keep_it_is_told(self) -> None:
        settings = Settings(_env_file=None, data_dir=Path("/proc/here"))  # type: ignore[call-arg]
        with pytest.raises(SettingsError, match="DATA_DIR cannot keep a secret"):
            open_ring(settings)


async def test_keys_are_kept_as_long_as_their_grace(database: Database) -> None:
    await signing.rotate(RING, accepted_until=NOW, now=NOW)
    assert await signing.drop_old_keys(now=NOW + timedelta(days=999)) == 0
