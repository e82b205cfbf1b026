"""When certificates end is noted."""

import asyncio
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chatops.jobs import watching
from config.ops_certificates import CertificatesEntry, HostEntry
from storage import values
from tests.chatops.acting import Ops

ENDS = datetime(2027, 1, 1, tzinfo=UTC)


def certificate(folder: Path) -> ssl.SSLContext:
    """A server's context with a certificate of its own making, which ends at ``ENDS``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, ENDS - timedelta(days=90), ENDS)
    signed = made.sign(key, hashes.SHA256())
    file = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_a_certificate_is_looked_at_and_its_end_kept_when_nobody_answers(ops: Ops, tmp_path: Path) -> None:
    tls = certificate(tmp_path)
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=tls) as server:
        port = server.sockets[0].getsockname()[1]
        hosts = CertificatesEntry(hosts=(HostEntry(name="localhost", port=port),))
        parts = replace(ops.parts, policy=ops.parts.policy.model_copy(update={"certificates": hosts}))
        await watching.look_at_certificates(parts)
        assert await values.value(watching.CERTIFICATES) == {"localhost": ENDS.isoformat()}
    await watching.look_at_certificates(parts)
    assert await values.value(watching.CERTIFICATES) == {"localhost": ENDS.isoformat()}
