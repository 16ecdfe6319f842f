"""A certificate authority for one hub, and the hub's certificate: HTTPS without buying anything."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edged.domain.errors import Corrupt, Refused, Unavailable
from edged.vault.private_file import private_file

CA_CERTIFICATE: Final = "ca.crt"
CA_KEY: Final = "ca.key"
CERTIFICATE: Final = "hub.crt"
KEY: Final = "hub.key"

CA_DAYS: Final = 3650
DAYS: Final = 397
"""Browsers refuse certificates that hold for longer than 398 days."""
RENEW_DAYS: Final = 60
"""With fewer days left it is time for a new one."""

_BACKDATED: Final = timedelta(minutes=10)
"""Clients whose clock is slow accept it at once."""
_NAME: Final = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


@dataclass(frozen=True, slots=True)
class Validity:
    """What a certificate is good for.

    Attributes:
        names: host names and addresses.
        until: UTC seconds since the epoch.
    """

    names: tuple[str, ...]
    until: float

    def days_left(self, now: float) -> int:
        """Whole days; negative where it has ended."""
        return int((self.until - now) // 86400)


def make_authority(folder: Path, names: Sequence[str], now: float) -> Validity:
    """Makes a CA and a certificate of the hub in an empty folder; blocks until they are on the disk.

    The CA may only sign for the end of the chain, and lives ten years; its key is needed again for `renew` only, and
    may be kept elsewhere meanwhile.

    Args:
        folder: where `ca.crt`, `ca.key`, `hub.crt` and `hub.key` are put; all of mode 0600 but the first, which is for
            everybody who is to trust the hub.
        names: host names and addresses under which clients ask for the hub.
        now: UTC seconds since the epoch.

    Raises:
        Refused: `bad_name`: one of the names is none.
        Unavailable: the disk does not let us.
    """
    alternatives = _alternatives(names)
    key = ec.generate_private_key(ec.SECP256R1())
    begin = datetime.fromtimestamp(now, UTC)
    # The CA's name is made up anew for each: browsers confuse two authorities of one name.
    serial = x509.random_serial_number()
    subject = _subject(f"edged hub CA {serial & 0xFFFFFFFF:08x}")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(begin - _BACKDATED)
        .not_valid_after(begin + timedelta(days=CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    _write(folder / CA_KEY, _pem(key))
    _write(folder / CA_CERTIFICATE, certificate.public_bytes(Encoding.PEM), mode=0o644)
    return _issue(folder, key, certificate, alternatives, begin)


def renew(folder: Path, names: Sequence[str], now: float) -> Validity:
    """Makes a new certificate and key of the hub, signed by the CA that is there; clients need nothing new.

    Args:
        folder, now: as for `make_authority`.
        names: as for `make_authority`; none: those of the certificate that is there.

    Raises:
        Refused: `bad_name`; `ca_ended`: the CA does not hold long enough any more.
        Corrupt: a file holds no certificate or key, or the two of the CA do not belong together.
        Unavailable: a file is missing, or the disk does not let us.
    """
    begin = datetime.fromtimestamp(now, UTC)
    certificate = _certificate(folder / CA_CERTIFICATE)
    key = _key(folder / CA_KEY)
    if key.public_key() != certificate.public_key():
        raise Corrupt(f"{folder / CA_KEY} is not the key of {folder / CA_CERTIFICATE}", "Bring the right one back")
    if certificate.not_valid_after_utc < begin + timedelta(days=1):
        raise Refused(
            "ca_ended", f"the CA {folder / CA_CERTIFICATE} has ended", "Make a new one with `edged hub init` elsewhere"
        )
    return _issue(folder, key, certificate, _alternatives(names or validity(folder / CERTIFICATE).names), begin)


def validity(path: Path) -> Validity:
    """Of the first certificate in a file. Raises Corrupt and Unavailable as `renew`."""
    certificate = _certificate(path)
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        listed = (*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress)))
    except x509.ExtensionNotFound:
        listed = ()
    return Validity(listed, certificate.not_valid_after_utc.timestamp())


def fingerprint(path: Path) -> str:
    """The SHA-256 of the first certificate in a file, as browsers and `openssl x509 -fingerprint -sha256` show it."""
    return _certificate(path).fingerprint(SHA256()).hex(":").upper()


def _issue(
    folder: Path,
    ca_key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate,
    alternatives: Sequence[x509.GeneralName],
    begin: datetime,
) -> Validity:
    key = ec.generate_private_key(ec.SECP256R1())
    end = min(begin + timedelta(days=DAYS), ca.not_valid_after_utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_subject(str(alternatives[0].value)[:64]))
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin - _BACKDATED)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_authority_of(ca), critical=False)
        .sign(ca_key, SHA256())
    )
    # The certificate last: a hub that starts in between finds a pair that does not fit and says so, for a moment.
    _write(folder / KEY, _pem(key))
    _write(folder / CERTIFICATE, certificate.public_bytes(Encoding.PEM))
    return validity(folder / CERTIFICATE)


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    return [_alternative(name) for name in dict.fromkeys(name.strip().lower() for name in names)]


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        pass
    try:
        ascii_name = name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError:
        ascii_name = ""
    if len(ascii_name) > 253 or not _NAME.fullmatch(ascii_name):
        raise Refused(
            "bad_name", f"{name!r} is neither a host name nor an address", "Write it without https:// or port"
        )
    return x509.DNSName(ascii_name)


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _authority_of(ca: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, mode: int = 0o600) -> None:
    try:
        with private_file(path) as file:
            file.write(content)
        path.chmod(mode)
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be written: {error.strerror}", "Check the disk and who may write there"
        ) from error


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_read(path))
    except ValueError:
        raise Corrupt(f"{path} holds no certificate", "It must be PEM text") from None


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(_read(path), None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Corrupt(f"{path} holds no key of an elliptic curve without a password", "Bring the CA's own key back")
    return key


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(1 << 20)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}", "Run the command as the hub's user") from error
