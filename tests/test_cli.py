"""The commands, as a shell sees them: words, JSON, exit status."""

import json
import socket
import subprocess
import sys
import zipfile

import pytest

from pos_subsidy.config import Folder
from pos_subsidy.demo.folder import PACKAGED
from pos_subsidy.demo.processes import Failed, start
from tests.support import CATALOGUE, Api, wired_with


def command(*arguments: str, **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pos_subsidy", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        **more,
    )


def test_assess_answers_like_the_api_and_succeeds_whether_eligible_or_not():
    asked = ("assess", "--category", "refrigerator", "--energy-rating", "1", "--price", "5000")
    granted = command(*asked, "--on", "2025-06-18", "--units-used", "0", "--json")
    found = json.loads(granted.stdout)
    assert (granted.returncode, found["eligible"], found["subsidy_fen"]) == (0, True, 100_000)
    assert found["payable_fen"] == 400_000
    refused = command(*asked, "--on", "2025-06-18", "--units-used", "1", "--json")
    assert refused.returncode == 0
    assert [one["code"] for one in json.loads(refused.stdout)["refusals"]] == ["units_exhausted"]


def test_assess_refuses_a_car_registered_before_it_was_bought():
    car = ("--attr", "scheme=replacement", "--attr", "fuel=nev", "--attr", "registered_on=2026-11-19")
    done = command("assess", "--category", "car", "--price", "150000", *car, "--on", "2026-11-20", "--json")
    assert done.returncode == 0
    assert [one["code"] for one in json.loads(done.stdout)["refusals"]] == ["days_out_of_order"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--category", "broom", "--price", "1"),
        ("--category", "phone", "--price", "1.005"),
        ("--category", "phone", "--price", "-1"),
        ("--category", "phone", "--price", "much"),
        ("--category", "phone", "--price", "NaN"),
        ("--category", "phone"),
        ("--category", "phone", "--price", "1", "--on", "2025-02-30"),
        ("--category", "phone", "--price", "1", "--attr", "colour=red"),
        ("--category", "phone", "--price", "1", "--attr", "activated_on_site=perhaps"),
        ("--category", "phone", "--price", "1", "--attr", "activated_on_site"),
        ("--category", "refrigerator", "--price", "1", "--energy-rating", "9"),
        ("--category", "phone", "--price", "1", "--units-used", "-1"),
    ],
)
def test_assess_says_what_is_malformed(arguments):
    done = command("assess", *arguments, "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip() and "Traceback" not in done.stderr


def test_policy_show_names_source_and_confidence():
    found = json.loads(command("policy", "show", "--on", "2026-11-20", "--json").stdout)
    rules = {rule["programme"]: rule for rule in found["rules"]}
    assert set(rules) == {"appliance-2026", "car-2026", "digital-2026"}
    assert all(rule["source"] and rule["confidence"] == "A" for rule in rules.values())
    told = command("policy", "show", "--on", "2025-06-18").stdout
    assert "嘉政发〔2025〕6号" in told and "provisional" in told


def test_a_shop_is_made_once(tmp_path):
    first = command("init", "--demo", "--data", tmp_path / "shop", "--json")
    made = json.loads(first.stdout)
    kept = json.loads((tmp_path / "shop" / "demo.json").read_text("utf-8"))
    assert {name: made[name] for name in kept} == kept
    assert set(kept) == {"outlet", "api_key", "cashier", "manager"}
    assert (tmp_path / "shop" / "demo.json").stat().st_mode & 0o077 == 0
    assert (tmp_path / "shop" / "keys" / "shop.json").stat().st_mode & 0o077 == 0
    again = command("init", "--demo", "--data", tmp_path / "shop")
    assert again.returncode == 1 and "data_exists" in again.stderr


def test_a_real_shop_refuses_a_training_clock_and_an_unnamed_hub(tmp_path):
    data = ("--data", str(tmp_path / "shop"))
    made = command("init", "--outlet", "JX-0001", "--name", "真店", *data)
    assert made.returncode == 0, made.stderr
    assert not (tmp_path / "shop" / "demo.json").exists()
    clock = command("serve", *data, "--port", "1", "--training-clock", "2026-11-20T08:00:00+08:00")
    assert clock.returncode == 1 and "demo_only" in clock.stderr
    hub = command("serve", *data, "--port", "1", "--hub", "http://127.0.0.1:9")
    assert hub.returncode == 1 and "enrol_first" in hub.stderr


def test_commands_on_an_empty_folder_say_what_to_do(tmp_path):
    for arguments in (("serve",), ("journal", "verify"), ("doctor",), ("close-day", "2026-11-20"), ("sync",)):
        done = command(*arguments, "--data", str(tmp_path / "nothing"))
        assert done.returncode == 1 and "data_missing" in done.stderr, arguments
    assert not (tmp_path / "nothing").exists()


def test_a_catalogue_with_bad_rows_loads_only_by_the_users_word(folder, tmp_path):
    bad = tmp_path / "goods.csv"
    row = "6956789012366,phone,x,M1,phone,,,{price},\n"
    bad.write_text(CATALOGUE.read_text("utf-8").splitlines()[0] + "\n" + row.format(price="1.234"), "utf-8")
    data = ("--data", str(folder.path), "--json")
    refused = command("catalogue", "load", bad, *data)
    assert refused.returncode == 1
    found = json.loads(refused.stdout)
    assert (found["loaded"], found["refused"][0]["line"], found["refused"][0]["field"]) == (
        0,
        2,
        "filed_price",
    )
    assert command("catalogue", "load", bad, *data, "--accept-good-rows").returncode == 0


def test_reconcile_and_close_by_hand(folder):
    data = ("--data", str(folder.path), "--json")
    files = [PACKAGED / name for name in ("pos_export.csv", "wechat_bill.csv", "alipay_detail.zip")]
    found = json.loads(command("reconcile", "2026-11-18", *files, *data).stdout)
    assert {one["kind"] for one in found["differences"]} == {"missing_in_till"}
    assert set(found) == {"business_date", "matched", "unsubsidised", "differences"}
    closed = json.loads(command("close-day", "2026-11-18", *data).stdout)
    assert (closed["batch_id"], closed["lines"]) == ("DEMO-A-20261118", 0)


def test_doctor_and_journal_on_a_fresh_shop(folder):
    data = ("--data", str(folder.path), "--json")
    health = json.loads(command("doctor", *data).stdout)
    assert health["sqlite_safe"] and health["integrity"] == "ok"
    assert json.loads(command("journal", "verify", *data).stdout)["verified"]
    assert json.loads(command("journal", "rebuild", *data).stdout)["equal"]


def test_a_changed_journal_is_found_by_the_command(folder, api):
    api.sell()
    db = api.wired.till.db()
    db.execute("DROP TRIGGER journal_no_update")
    db.execute("UPDATE journal SET body = replace(body, '610000', '510000') WHERE kind = 'redeemed'")
    done = command("journal", "verify", "--data", str(folder.path), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["damages"][0] == {"seq": 3, "code": "entry_changed"}


def test_sync_without_a_hub_says_so(folder):
    done = command("sync", "--data", str(folder.path))
    assert done.returncode == 1 and "no_hub" in done.stderr


def test_a_backup_comes_back_whole_into_an_empty_folder(folder, api, tmp_path):
    path = f"/redemptions/{api.sell()['redemption_id']}"
    sold = api.get(path).json
    file = tmp_path / "shop.zip"
    assert command("backup", file, "--data", folder.path).returncode == 0
    assert file.stat().st_mode & 0o077 == 0
    assert command("backup", file, "--data", folder.path).returncode == 1
    target = tmp_path / "elsewhere" / "shop"
    done = command("restore", file, "--data", target, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"outlet": "DEMO-A", "journal_seq": 3}
    restored = Folder(target)
    again = Api.of(wired_with(restored, api.wired.clock), restored)
    assert again.get(path).json == sold
    assert command("restore", file, "--data", target).returncode == 1


@pytest.mark.parametrize("spoil", ["cut", "changed", "foreign"])
def test_a_damaged_backup_restores_nothing(folder, api, tmp_path, spoil):
    api.sell()
    file = tmp_path / "shop.zip"
    command("backup", file, "--data", folder.path)
    if spoil == "cut":
        file.write_bytes(file.read_bytes()[:-200])
    else:
        with zipfile.ZipFile(file) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members["config.json" if spoil == "changed" else "../evil"] = b"{}"
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    done = command("restore", file, "--data", tmp_path / "shop2")
    assert done.returncode == 1 and "backup_damaged" in done.stderr
    assert not (tmp_path / "shop2").exists()


def test_the_night_closes_yesterday(folder):
    done = command("nightly", "--data", folder.path, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["lines"], found["complete"]) == (0, None)


def test_a_port_in_use_is_refused_and_not_shared(tmp_path):
    made = command("init", "--demo", "--data", tmp_path / "shop")
    assert made.returncode == 0, made.stderr
    with socket.create_server(("127.0.0.1", 0), reuse_port=hasattr(socket, "SO_REUSEPORT")) as other:
        port = other.getsockname()[1]
        done = command("serve", "--data", tmp_path / "shop", "--port", str(port))
        with pytest.raises(Failed, match=f"port {port} is taken"):
            start("hub", "hub", "serve", port=port, log=tmp_path / "hub.log")
    assert done.returncode == 1
    assert "The port is taken" in done.stderr and str(port) in done.stderr
