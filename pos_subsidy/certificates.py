"""A shop's own certificates: an authority that phones may trust, and a server's certificate under it."""

import ipaddress
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FOLDER = "tls"
AUTHORITY, SERVER, SERVER_KEY = "authority.pem", "server.pem", "server.key"
_AUTHORITY_KEY = "authority.key"
_AUTHORITY_DAYS = 3_650
# Phones refuse server certificates that are good for longer.
_SERVER_DAYS = 397
_ALWAYS = ("localhost", "127.0.0.1")


def make(folder: Path, hosts: Sequence[str], *, name: str, now: datetime) -> str:
    """Write a server's certificate for some hosts, under the shop's authority, made if there is none.

    Returns the authority's SHA-256 fingerprint, to be compared on the phone.
    """
    path = folder / FOLDER
    path.mkdir(mode=0o700, exist_ok=True)
    authority, authority_key = _authority(path, name, now)
    key = ec.generate_private_key(ec.SECP256R1())
    names = [_name(host) for host in dict.fromkeys([*hosts, *_ALWAYS])]
    certificate = (
        _builder(hosts[0] if hosts else "localhost", key, now, _SERVER_DAYS)
        .issuer_name(authority.subject)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _write_private(path / SERVER_KEY, _pem_of(key))
    chain = certificate.public_bytes(serialization.Encoding.PEM)
    (path / SERVER).write_bytes(chain + authority.public_bytes(serialization.Encoding.PEM))
    return fingerprint(path / AUTHORITY)


def fingerprint(authority: Path) -> str:
    """Return an authority's SHA-256 fingerprint as phones show it.

    Raises:
        OSError: there is none.
    """
    found = x509.load_pem_x509_certificate(authority.read_bytes())
    return ":".join(f"{byte:02X}" for byte in found.fingerprint(hashes.SHA256()))


def _authority(path: Path, name: str, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    if (path / AUTHORITY).exists():
        key = serialization.load_pem_private_key((path / _AUTHORITY_KEY).read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return x509.load_pem_x509_certificate((path / AUTHORITY).read_bytes()), key
    key = ec.generate_private_key(ec.SECP256R1())
    authority = (
        _builder(name, key, now, _AUTHORITY_DAYS)
        .issuer_name(_named(name))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=False,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    _write_private(path / _AUTHORITY_KEY, _pem_of(key))
    (path / AUTHORITY).write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    return authority, key


def _builder(name: str, key: ec.EllipticCurvePrivateKey, now: datetime, days: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_private(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
