"""Many tills at once, in real processes, through HTTP: scenarios CC."""

import json
import multiprocessing
import threading
import uuid
from collections import Counter

import httpx
import pytest

from pos_subsidy.demo import processes
from tests.support import ANNA, BAO, CATALOGUE, FRIDGE, nth_id_number, run

VOUCHERS, TILLS = 400, 8


@pytest.fixture(scope="module")
def till(tmp_path_factory):
    """A real till service: address and API key."""
    data = tmp_path_factory.mktemp("till") / "shop"
    run("init", "--demo", "--data", str(data))
    run("catalogue", "load", str(CATALOGUE), "--data", str(data))
    clock = ("--training-clock", "2026-11-20T09:00:00+08:00")
    port = processes.free_port()
    service = processes.start("till", "serve", "--data", str(data), *clock, port=port, log=data / "log")
    yield service.url, json.loads((data / "demo.json").read_text("utf-8"))["api_key"], data
    processes.stop(service)


def _client(till) -> httpx.Client:
    headers = {"Authorization": f"Bearer {till[1]}"}
    return httpx.Client(base_url=f"{till[0]}/api/v1", headers=headers, timeout=60, trust_env=False)


def _write(client, path, body):
    return client.post(path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})


def _person(number: int) -> dict:
    id_number = nth_id_number(number)
    return {"name": "测试", "id_type": "resident", "id_number": id_number, "phone": "13800000000"}


def _voucher(client, person, category="refrigerator"):
    answer = _write(client, "/vouchers", {"category": category, "person": person})
    assert answer.status_code == 201, answer.text
    return answer.json()


def _sale(voucher, serial_no, **more):
    order_no = f"O-{voucher['code']}"
    goods = {"gtin": FRIDGE, "price_fen": 610_000, "order_no": order_no, "serial_no": serial_no}
    return {"voucher": voucher["token"], **goods, **more}


def _redeem_everything(till, jobs, answers):
    """One till in a process of its own: redeem every hold there is."""
    with _client(till) as client:
        for path, body in jobs:
            answer = _write(client, path, body)
            answers.put((path, answer.status_code, answer.json()))


def test_eight_processes_redeem_400_vouchers_exactly_once_each(till):
    jobs = []
    with _client(till) as client:
        for number in range(VOUCHERS):
            voucher = _voucher(client, _person(number))
            hold = _write(client, "/holds", _sale(voucher, f"CC-{number:04d}")).json()
            path = f"/holds/{hold['hold_id']}/redeem"
            jobs.append((path, {"paid_fen": hold["payable_fen"], "channel": "cash"}))
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    tills = [context.Process(target=_redeem_everything, args=(till, jobs, answers)) for _ in range(TILLS)]
    for one in tills:
        one.start()
    found = [answers.get(timeout=120) for _ in range(TILLS * VOUCHERS)]
    for one in tills:
        one.join()

    won = Counter(path for path, status, _ in found if status == 201)
    assert len(won) == VOUCHERS and set(won.values()) == {1}
    lost = [answer for _, status, answer in found if status != 201]
    assert {answer["code"] for answer in lost} == {"hold_redeemed"}
    assert all(answer["context"]["redeemed_at"] and answer["context"]["till"] for answer in lost)


def test_one_person_with_two_vouchers_gets_one_hold(till):
    """CC-02"""
    with _client(till) as client:
        # Two open vouchers of one class exist where a first hold freed its own in between.
        for number in range(500, 520):
            vouchers = [_voucher(client, _person(number)), _voucher(client, _person(number + 100))]
            piece = f"PIECE-{number}"
            first, second = _at_once(till, [_sale(one, piece) for one in vouchers])
            statuses = sorted((first.status_code, second.status_code))
            assert statuses == [201, 409], (first.text, second.text)
            loser = second if first.status_code == 201 else first
            assert loser.json()["code"] == "serial_held"
            lost_voucher = vouchers[1] if loser is second else vouchers[0]
            free = _write(client, "/holds", _sale(lost_voucher, f"OTHER-{number}"))
            assert free.status_code == 201


def test_one_voucher_is_held_once(till):
    with _client(till) as client:
        voucher = _voucher(client, _person(700))
    answers = _at_once(till, [_sale(voucher, f"VOUCHER-{number}") for number in range(8)])
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"voucher_held"}


def test_a_day_read_while_tills_sell_always_adds_up(till):
    """CC-09"""
    stop, wrong = threading.Event(), []

    def sell(start):
        with _client(till) as client:
            number = start
            while not stop.is_set():
                hold = _write(client, "/holds", _sale(_voucher(client, _person(number)), f"R-{number}"))
                body = {"paid_fen": hold.json()["payable_fen"], "channel": "cash"}
                _write(client, f"/holds/{hold.json()['hold_id']}/redeem", body)
                number += 1

    sellers = [threading.Thread(target=sell, args=(800 + 500 * place,)) for place in range(4)]
    for one in sellers:
        one.start()
    with _client(till) as client:
        for _ in range(25):
            day = client.get("/days/2026-11-20").json()
            lines = sum(line["subsidy_fen"] for line in day["lines"])
            sales = sum(line["kind"] == "sale" for line in day["lines"])
            if (lines, sales) != (day["totals"]["net_subsidy_fen"], day["totals"]["redeemed"]):
                wrong.append(day["totals"])
    stop.set()
    for one in sellers:
        one.join()
    assert wrong == []


def test_the_journal_of_all_this_is_whole_and_rebuilds(till):
    data = ("--data", str(till[2]), "--json")
    assert json.loads(processes.run("journal", "verify", *data))["verified"]
    assert json.loads(processes.run("journal", "rebuild", *data))["equal"]
    assert ANNA != BAO


def _at_once(till, bodies):
    answers, gate = {}, threading.Barrier(len(bodies))

    def send(place, body):
        with _client(till) as client:
            gate.wait()
            answers[place] = _write(client, "/holds", body)

    threads = [threading.Thread(target=send, args=job) for job in enumerate(bodies)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return [answers[place] for place in range(len(bodies))]
