"""Appeals against the city's verdict: made with words and files, followed until they are decided."""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pos_subsidy.domain import appeals as rules_of_appeals
from pos_subsidy.domain.appeals import FILES_MAX, NAME_MAX, OPEN, WORDS_MAX
from pos_subsidy.domain.decision import Reason
from pos_subsidy.domain.rules import PACK_DEFAULT
from pos_subsidy.errors import Conflict, Invalid, NotFound, SubsidyError
from pos_subsidy.protocol import sealing
from pos_subsidy.services import identifying, photos
from pos_subsidy.services.shop import By, CityLine, Remember, Shop, forget
from pos_subsidy.store import appeals, claims, evidence, journal, redemptions
from pos_subsidy.store.appeals import Appeal
from pos_subsidy.store.claims import Claim
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction
from pos_subsidy.store.redemptions import Redemption

log = logging.getLogger(__name__)
__all__ = ["Appeal", "Attached", "Told", "View", "everything", "make", "send_files", "show", "states"]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that is handed in with an appeal."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """An appeal and where it stands: open, granted, refused or overtaken."""

    appeal: Appeal
    state: str


@dataclass(frozen=True, slots=True)
class View:
    """A sale as an appeal is made about it. ``against`` says why there can be none now.

    ``own_record`` and ``first_record`` are the two signed records where another claim stood first;
    ``history`` is every word of the city, the first one first.
    """

    redemption_id: str
    order_no: str
    category: str
    subsidy_fen: int
    verdict: str | None
    verdict_code: str | None
    verdict_params: dict[str, Any]
    against: Reason | None
    appeals: tuple[Told, ...]
    history: tuple[dict[str, Any], ...]
    own_record: dict[str, Any] | None
    first_record: dict[str, Any] | None
    own_files: int


def make(
    db: TillDatabase,
    shop: Shop,
    redemption_id: str,
    words: str,
    attached: Sequence[Attached] = (),
    *,
    with_evidence: bool = False,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> View:
    """Appeal against the verdict that stands; ``with_evidence`` names the sale's own files too.

    The files go up sealed with the next exchange with the city.

    Raises:
        NotFound: ``redemption_unknown``.
        Invalid: ``appeal_words_required``, ``appeal_words_long``, ``appeal_files_many``; a file is none.
        Conflict: ``appeal_needless``, ``appeal_clawed_back``, ``appeal_undone``, ``appeal_too_late``;
            ``appeal_open``, there is one; ``appeal_nothing_new``, it says what was refused before.
    """
    words = words.strip()
    if not words:
        raise Invalid("appeal_words_required")
    if len(words) > WORDS_MAX:
        raise Invalid("appeal_words_long", most=WORDS_MAX)
    files = [_looked(place, one) for place, one in enumerate(attached, start=1)]
    with write_transaction(db):
        now = journal.settled_now(db, now)
        found = _sale(db, redemption_id)
        if why := _against(shop, found, today=shop.today(now)):
            raise Conflict(why.code, **why.params)
        named = {one["sha256"]: one for one in (*(_own_files(db, found) if with_evidence else ()), *files)}
        if len(named) > FILES_MAX:
            raise Invalid("appeal_files_many", most=FILES_MAX)
        before = appeals.of_sale(db, redemption_id)
        _must_be_new(found, before, words, set(named))
        for one in attached:
            shop.files.put(one.content)
        params = json.loads(found.verdict_params or "{}")
        body = {
            "appeal_id": identifying.unguessable("A", 12),
            "redemption_id": redemption_id,
            "order_no": found.order_no,
            "verdict": found.verdict,
            "code": found.verdict_code,
            "params": params,
            "judged_at": found.verdict_at,
            "words": words,
            "files": list(named.values()),
            "records": {"own": appeals.own_record(db, redemption_id), "first": params.get("first")},
            "till": by.till,
            "cashier": by.cashier,
        }
        journal.append(db, "appeal_made", body, at=now, sign=shop.keyring.sign)
        view = _view(db, shop, found, now=now)
        remember(view)
    return view


def show(db: TillDatabase, shop: Shop, redemption_id: str, *, now: datetime) -> View:
    """Return a sale's verdicts and appeals, or raise NotFound."""
    with read_transaction(db):
        return _view(db, shop, _sale(db, redemption_id), now=now)


def everything(db: TillDatabase) -> list[tuple[Told, str]]:
    """Return every appeal with its order number, the newest first."""
    with read_transaction(db):
        found = []
        for one in appeals.everything(db):
            sold = _sale(db, one.redemption_id)
            found.append((_told(one, sold), sold.order_no))
        return found


def states(db: TillDatabase) -> dict[str, str]:
    """Return where the newest appeal of every appealed sale stands."""
    return {told.appeal.redemption_id: told.state for told, _order_no in reversed(everything(db))}


def send_files(db: TillDatabase, shop: Shop, city: CityLine, *, acknowledged_seq: int, now: datetime) -> int:
    """Send the city the files it has not got yet; return how many it took.

    One that it does not take holds up nothing; it is tried again with the next exchange.
    """
    sent = 0
    for appeal_id, sha256 in appeals.files_to_send(db, up_to_seq=acknowledged_seq):
        try:
            sealed = sealing.seal(shop.files.get(sha256), shop.seal_public)
            city.send_appeal_file(appeal_id, sha256, sealed)
        except SubsidyError as error:
            log.warning("file %s of appeal %s stays here: %s", sha256[:12], appeal_id, error.code)
            continue
        with write_transaction(db):
            appeals.mark_sent(db, appeal_id, sha256, now=now)
        sent += 1
    return sent


def _sale(db: TillDatabase, number: str) -> Redemption | Claim:
    try:
        return redemptions.find(db, number)
    except NotFound:
        pass
    try:
        return claims.find(db, number)
    except NotFound:
        raise NotFound("redemption_unknown") from None


def _against(shop: Shop, found: Redemption | Claim, *, today: date) -> Reason | None:
    sold_on = found.sold_on if isinstance(found, Claim) else found.business_date
    rule = shop.rulebook.rule_in_force(found.category, date.fromisoformat(sold_on))
    last_day = rule.programme.last_settlement_on if rule else None
    clause = rule.programme.source.cited if rule and last_day else PACK_DEFAULT.cited
    return rules_of_appeals.against(
        found.verdict, is_undone=_is_undone(found), last_day=last_day, clause=clause, today=today
    )


def _is_undone(found: Redemption | Claim) -> bool:
    return found.status in ("reversed", "withdrawn")


def _told(appeal: Appeal, found: Redemption | Claim) -> Told:
    undone = _is_undone(found)
    return Told(appeal, rules_of_appeals.standing(appeal.outcome, found.verdict, is_undone=undone))


def _must_be_new(found: Redemption | Claim, before: Sequence[Appeal], words: str, files: set[str]) -> None:
    for one in before:
        if _told(one, found).state == OPEN:
            raise Conflict("appeal_open", appeal_id=one.appeal_id, made_at=one.made_at)
    known = {one["sha256"] for appeal in before for one in appeal.files}
    if words in [one.words for one in before] and files <= known:
        raise Conflict("appeal_nothing_new", appeal_id=before[-1].appeal_id)


def _view(db: TillDatabase, shop: Shop, found: Redemption | Claim, *, now: datetime) -> View:
    number = found.claim_id if isinstance(found, Claim) else found.redemption_id
    told = tuple(_told(one, found) for one in appeals.of_sale(db, number))
    history = tuple(appeals.words_of_city(db, number))
    first = next((one["params"]["first"] for one in history if one["params"].get("first")), None)
    return View(
        redemption_id=number,
        order_no=found.order_no,
        category=found.category,
        subsidy_fen=found.subsidy_fen if isinstance(found, Claim) else found.net_subsidy_fen,
        verdict=found.verdict,
        verdict_code=found.verdict_code,
        verdict_params=json.loads(found.verdict_params or "{}"),
        against=_against(shop, found, today=shop.today(now)),
        appeals=told,
        history=history,
        own_record=appeals.own_record(db, number),
        first_record=first,
        own_files=len(_own_files(db, found)),
    )


def _own_files(db: TillDatabase, found: Redemption | Claim) -> list[dict[str, str]]:
    """Return the files of the sale's evidence that count; a claim after purchase keeps none."""
    if isinstance(found, Claim):
        return []
    given = [one for one in evidence.counting(db, found.redemption_id) if "sha256" in one.content]
    return [
        {"sha256": one.content["sha256"], "name": one.part, "media": one.content["media"]} for one in given
    ]


def _looked(place: int, one: Attached) -> dict[str, str]:
    looked = photos.look(one.content, field=f"files.{place}")
    name = one.name.replace("\\", "/").rsplit("/", 1)[-1].strip()[:NAME_MAX] or f"file-{place}"
    return {"sha256": hashlib.sha256(one.content).hexdigest(), "name": name, "media": looked.media}
