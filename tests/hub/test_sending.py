"""A closed day is sent from its page, and the page says what came of it."""

from pos_subsidy.__init__ import create_app
from pos_subsidy.services import access
from tests.support import nth_person
from tests.web.pages_shop import Browser

DAY = "/office/day/2026-11-20"


def manager(shop):
    access.new_staff(shop.db, username="boss", display_name="Lin", role="manager", password="pw", till="T1")
    return Browser(create_app(shop.wired)).sign_in("boss")


def test_a_closed_day_is_sent_from_its_page(shops):
    shop = shops[0]
    shop.api.sell(nth_person(1))
    shop.api.post("/days/2026-11-20/close")
    boss = manager(shop)
    assert f"{DAY}/send" in boss.get(DAY)
    page = boss.send(f"{DAY}/send")
    assert "已回执" in page and f"{DAY}/send" not in page and "通过" in page


def test_a_hub_that_does_not_answer_is_said_and_nothing_is_lost(shops):
    shop = shops[0]
    shop.api.sell(nth_person(1))
    shop.api.post("/days/2026-11-20/close")
    boss = manager(shop)
    boss.get(DAY)
    shop.line._client._http.base_url = "http://127.0.0.1:9"
    assert "hub_unavailable" in boss.send(f"{DAY}/send", status=503)
