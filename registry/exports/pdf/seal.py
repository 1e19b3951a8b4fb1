"""Seals `typeset.pdf` as `sealed.pdf` (PAdES B-B, B-T with a time-stamping authority). Run as a script, isolated.

The result stays PDF/A-3a and PDF/UA-1: the metadata are left as they are, the invisible field has a name and stands out
of the page's box. The key comes by standard input, PEM, with its certificates.
"""

import re
import sys
from pathlib import Path
from typing import Any

FIELD = "Cachet"
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.+?-----END \1-----", re.DOTALL)


def main(name: str, timestamp_url: str, pem: bytes) -> None:
    """Seal for `name`, now; with a time stamp when an address is given."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers
    from pyhanko.sign.timestamps import HTTPTimeStamper

    class Writer(IncrementalPdfFileWriter):
        def _update_meta(self) -> None:
            """XMP metadata are not written again: their own serialisation would no longer be PDF/A."""

    spec = fields.SigFieldSpec(
        FIELD,
        readable_field_name=f"Cachet électronique : {name}",
        invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True),
    )
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD, subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256", name=name
    )
    stamper = HTTPTimeStamper(timestamp_url) if timestamp_url else None
    with Path("typeset.pdf").open("rb") as source, Path("sealed.pdf").open("w+b") as target:
        signers.PdfSigner(metadata, signer=_signer(pem), timestamper=stamper, new_field_spec=spec).sign_pdf(
            Writer(source), output=target
        )


def _signer(pem: bytes) -> Any:
    from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    blocks = [match.group(0) for match in _BLOCK.finditer(pem)]
    keys = [block for block in blocks if b"PRIVATE KEY-----" in block]
    chain = [found for block in blocks if block not in keys for found in load_certs_from_pemder_data(block)]
    if len(keys) != 1 or not chain:
        raise SystemExit("le fichier du cachet doit contenir une clé privée et son certificat (PEM)")
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # the library leaves it untyped
    store.register_multiple(chain[1:])
    key = load_private_key_from_pemder_data(keys[0], None)
    return signers.SimpleSigner(signing_cert=chain[0], signing_key=key, cert_registry=store)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.stdin.buffer.read())
