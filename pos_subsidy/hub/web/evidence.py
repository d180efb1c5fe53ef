"""Photos and papers of a claim, for those who review: shown beside it, opened, asked for."""

from flask import Blueprint, redirect, url_for
from werkzeug import Response
from werkzeug.wrappers import Response as AnyResponse

from pos_subsidy.errors import NotFound
from pos_subsidy.hub import evidence_files, pictures
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.hub.web.auth import actor

# What a browser may show by itself; anything else is downloaded.
SHOWN = {"image/jpeg": "jpg", "image/png": "png"}
_ENDINGS = {**SHOWN, "application/pdf": "pdf", "image/heic": "heic"}
# A file from outside may run nothing and load nothing, whatever a browser takes it for.
_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"

bp = Blueprint("evidence", __name__)


@bp.get("/review/claims/<redemption_id>/pictures/<sha256>")
def picture(redemption_id: str, sha256: str) -> AnyResponse:
    """Show a photo upright and in a size a page can bear."""
    content, part = evidence_files.file(city(), redemption_id, sha256, by=actor(), now=now())
    small = pictures.shown(content)
    if small is None:
        raise NotFound("evidence_file_unknown", sha256=sha256[:12])
    return sent(small, part, sha256)


@bp.get("/review/claims/<redemption_id>/files/<sha256>")
def file(redemption_id: str, sha256: str) -> AnyResponse:
    """Return a photo or paper as the shop signed it."""
    content, part = evidence_files.file(city(), redemption_id, sha256, by=actor(), now=now())
    return sent(content, part, sha256)


@bp.post("/review/claims/<redemption_id>/ask")
def ask(redemption_id: str) -> Response:
    """Ask the shop for the files of a claim that is in no sample."""
    evidence_files.ask(city(), redemption_id, by=actor(), now=now())
    return redirect(url_for("review.line", redemption_id=redemption_id), 303)


def sent(content: bytes, name: str, sha256: str) -> AnyResponse:
    """Return a file from outside so that a browser takes it for nothing but what its bytes are."""
    media = pictures.media_of(content)
    word = "".join(one for one in name if one.isascii() and (one.isalnum() or one in "_-"))[:40] or "file"
    how = "inline" if media in SHOWN else "attachment"
    told = f'{how}; filename="{word}-{sha256[:12]}.{_ENDINGS.get(media, "bin")}"'
    headers = {"Content-Disposition": told, "Content-Security-Policy": _POLICY}
    return AnyResponse(content, mimetype=media, headers=headers)
