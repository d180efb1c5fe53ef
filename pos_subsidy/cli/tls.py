"""``tls``: a certificate for the shop's service, so that identities may cross its Wi-Fi."""

import click

from pos_subsidy import certificates
from pos_subsidy.cli import data_option, print_json
from pos_subsidy.clock import system_clock
from pos_subsidy.config import Folder


@click.command()
@data_option
@click.option("--host", "hosts", multiple=True, required=True, help="Address phones use, e.g. 192.168.1.10.")
@click.option("--json", "as_json", is_flag=True)
def tls(folder: Folder, hosts: tuple[str, ...], as_json: bool) -> None:
    """Make the shop's certificate for some addresses, and say how phones come to trust it."""
    name = f"{folder.settings().name} {folder.settings().outlet}"
    printed = certificates.make(folder.path, hosts, name=name, now=system_clock())
    path = folder.path / certificates.FOLDER
    if as_json:
        print_json({"authority": str(path / certificates.AUTHORITY), "fingerprint": printed})
        return
    click.echo(f"{path}: certificate for {', '.join(hosts)}")
    click.echo(f"指纹 / fingerprint SHA-256:\n  {printed}")
    click.echo(f"serve --host {hosts[0]} --data {folder.path}    now speaks https")
    click.echo(
        "手机：打开 /trust，下载并安装证书，核对指纹；\n"
        "iPhone 还要在 设置→通用→关于本机→证书信任设置 里打开。\n"
        "Phones: open /trust, install the certificate, compare the fingerprint; on iPhones switch it on\n"
        "under Settings, General, About, Certificate Trust Settings."
    )
