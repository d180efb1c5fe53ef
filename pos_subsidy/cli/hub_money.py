"""``hub settle`` and its companions: what shops are paid, and the proof of it."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import by_option, city_of, data_option, database_option, hub
from pos_subsidy.cli.hub_runs import carry_out, file_option
from pos_subsidy.cli.private_files import private_file
from pos_subsidy.clock import system_clock
from pos_subsidy.domain import words, words_audit
from pos_subsidy.hub import audit as auditing
from pos_subsidy.hub import naming_payees, paying, settlement
from pos_subsidy.hub.office_log import at_console

_by_if_told = click.option("--by", metavar="NAME", help="Who does this; it is kept.")


@hub.command()
@data_option
@database_option
@by_option
@file_option
@click.option("--json", "as_json", is_flag=True)
def settle(folder: Path, database: str | None, by: str, path: Path | None, as_json: bool) -> None:
    """Pay every shop what the city owes it, less what it owes."""
    city = city_of(folder, database)
    make = partial(paying.make_run, city, after=None, by=at_console(by), now=system_clock())
    carry_out(city, make, path, as_json=as_json)


@hub.command()
@data_option
@database_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_by_if_told
@click.option("--json", "as_json", is_flag=True)
def bank_answer(folder: Path, database: str | None, file: Path, by: str | None, as_json: bool) -> None:
    """Read what the bank says became of the payments.

    FILE is an Excel workbook or CSV (UTF-8 or GB18030) with the columns 付款编号, 结果 (成功 or 退回),
    金额（元） and 银行流水号.
    """
    city, told_by = city_of(folder, database), at_console(by)
    answer = paying.take_answer(city, file.read_bytes(), file.name, by=told_by, now=system_clock())
    found: dict[str, Any] = {
        "paid": answer.paid,
        "returned": answer.returned,
        "errors": list(answer.errors),
    }
    if as_json:
        print_json(found)
    else:
        click.echo(f"{answer.paid} 到账 / paid, {answer.returned} 退回 / returned")
        for one in answer.errors:
            spoken = words.say(one["code"], one)
            said = f"{spoken.title_zh} / {spoken.title_en} ({one['code']})"
            click.echo(f"第 {one['line']} 行 / line {one['line']}: {one['payment_no']} {said}", err=True)
    if answer.errors:
        raise click.ClickException("some lines were not booked; all others were")


@hub.command()
@data_option
@database_option
@click.argument("outlet")
@click.option("--holder", required=True, help="The account's holder, as licensed.")
@click.option("--bank", required=True)
@click.option("--number", prompt="Account number", hide_input=True)
@by_option
def payee(
    folder: Path, database: str | None, outlet: str, holder: str, bank: str, number: str, by: str
) -> None:
    """Enter the account a shop is to be paid to; a second person confirms it."""
    city = city_of(folder, database)
    about = {"holder": holder, "bank": bank, "number": number}
    payee_no = paying.propose_payee(city, outlet, **about, by=at_console(by), now=system_clock())
    click.echo(f"{outlet}: account {payee_no} waits to be confirmed")


@hub.command()
@data_option
@database_option
@click.argument("outlet")
def payees(folder: Path, database: str | None, outlet: str) -> None:
    """Show as JSON the accounts a shop named: who named and confirmed them, and how each number ends."""
    print_json(naming_payees.accounts(city_of(folder, database), outlet))


@hub.command()
@data_option
@database_option
@click.argument("outlet")
@click.option("--account", "payee_no", type=int, help="Its number in hub payees; needed if several wait.")
@by_option
def payee_confirm(folder: Path, database: str | None, outlet: str, payee_no: int | None, by: str) -> None:
    """Confirm an account of a shop, as a second person who compared it with the bank's paper."""
    city = city_of(folder, database)
    number = paying.confirm_payee(city, outlet, payee_no, by=at_console(by), now=system_clock())
    named = next(one for one in naming_payees.accounts(city, outlet) if one["payee_no"] == number)
    click.echo(f"{outlet}: account {number} ({named['holder']}, …{named['ends_in']}) counts from now on")


@hub.command()
@data_option
@database_option
@click.argument("run_id")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_by_if_told
def payment_file(folder: Path, database: str | None, run_id: str, file: Path, by: str | None) -> None:
    """Write a run's payments that the bank has not answered as CSV for the bank, once more."""
    content = paying.payment_file(
        city_of(folder, database), run_id, "csv", by=at_console(by), now=system_clock()
    )
    with private_file(file) as out:
        out.write(content.decode("utf-8-sig"))
    click.echo(file)


@hub.command()
@data_option
@database_option
@click.argument("outlet")
def statement(folder: Path, database: str | None, outlet: str) -> None:
    """Show as JSON what the city owes a shop, and every payment."""
    print_json(settlement.statement(city_of(folder, database), outlet))


@hub.command()
@data_option
@database_option
@click.option(
    "--receipt",
    "receipts",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A shop's signed receipt (pos-subsidy journal receipt); may be given several times.",
)
@click.option("--json", "as_json", is_flag=True)
def audit(folder: Path, database: str | None, receipts: tuple[Path, ...], as_json: bool) -> None:
    """Recompute the books from the shops' signed rows and name every discrepancy."""
    city = city_of(folder, database)
    found = auditing.audit(city, [path.read_bytes() for path in receipts])
    if as_json:
        print_json({"discrepancies": found, "trial_balance": settlement.trial_balance(city)})
    else:
        for one in found:
            click.echo("  ".join([*map(str, one.values()), " / ".join(words_audit.of(one["code"]))]))
        click.echo(f"{len(found)} 处不符 / discrepancies")
    if found:
        raise click.ClickException("the books and the signed rows do not agree")
