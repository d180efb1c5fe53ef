"""The unified social credit code of a merchant (统一社会信用代码), GB 32100."""

import unicodedata

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from pos_subsidy.errors import Invalid


def validate(text: str) -> str:
    """Return the 18 characters.

    Raises:
        Invalid: ``identifier_invalid`` with the cause.
    """
    code = unicodedata.normalize("NFKC", text).strip().upper()
    try:
        return str(uscc.validate(code))
    except InvalidLength:
        cause = "length"
    except InvalidChecksum:
        cause = "check_digit"
    except ValidationError:
        cause = "alphabet"
    raise Invalid("identifier_invalid", kind="uscc", cause=cause, found=text[:40])
