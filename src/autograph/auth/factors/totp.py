"""Codes of an authenticator app (TOTP, RFC 6238): six digits, a new one every 30 seconds. No I/O, no clock."""

import io
import re
from datetime import datetime

import pyotp
import segno

from autograph.auth.factors.part import Factor

FACTOR = Factor("totp", is_second=True, is_enough=True)
BACKUP_CODE = Factor("backup_code", is_second=True, is_enough=True)

ISSUER = "AutoGraph"
STEP_SECONDS = 30
DRIFT_STEPS = 1
"""A phone's clock may be wrong by as many steps, either way."""


def new_secret() -> str:
    """Return 160 random bits in base 32."""
    return pyotp.random_base32()


def address(secret: str, email: str) -> str:
    """Return the ``otpauth:`` address that apps take."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def picture(uri: str) -> str:
    """Return the QR code of an address as SVG; dark on light, whatever the page's theme."""
    drawn = io.BytesIO()
    segno.make(uri, error="m").save(
        drawn, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False, svgns=True
    )
    return drawn.getvalue().decode()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step of which `code` is the code, if that is now or next to it; None when it is wrong."""
    digits = re.sub(r"[\s-]", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    current, codes = int(now.timestamp()) // STEP_SECONDS, pyotp.TOTP(secret)
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if pyotp.utils.strings_equal(codes.generate_otp(step), digits):
            return step
    return None
