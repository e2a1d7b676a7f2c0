"""Own networks by name, from TOML and CSV."""

import pytest

from pipeline.enrich.networks import NO_NETWORKS, Networks, read_networks
from pipeline.errors import SettingsError

FILES = {
    "own.toml": '[networks]\n"198.51.100.0/24" = "office"\n"2001:db8::/32" = "office v6"\n"198.51.100.8" = "VPN"\n',
    "flat.toml": '"198.51.100.0/24" = "office"\n"2001:db8::/32" = "office v6"\n"198.51.100.8" = "VPN"\n',
    "own.csv": "cidr,name\n198.51.100.0/24,office\n# a remark\n\n2001:db8::/32,office v6\n198.51.100.8,VPN\n",
    "bare.csv": "\ufeff198.51.100.0/24,office\n2001:db8::/32, office v6\n198.51.100.8/32,VPN\n",
}


@pytest.mark.parametrize("name", FILES)
def test_both_forms_name_the_narrowest_network(tmp_path, name):
    (tmp_path / name).write_text(FILES[name], "utf-8")
    networks = read_networks(tmp_path / name)
    found = [networks.name(a) for a in ("198.51.100.7", "198.51.100.8", "2001:db8::9", "203.0.113.1", "2001:db9::1")]
    assert found == ["office", "VPN", "office v6", "", ""]


def test_what_is_no_address_has_no_network():
    networks = Networks.of([("0.0.0.0/0", "everywhere")])
    assert [networks.name(text) for text in ("AWS Internal", "", "1.2.3", "::1")] == ["", "", "", ""]
    assert NO_NETWORKS.name("10.0.0.1") == ""


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "10.0.0.0/8,office\n10.0.0.0/99,home\n", "line 2"),
        ("a.csv", "10.0.0.0/8\n", "line 1"),
        ("a.csv", "10.0.0.0/8, \n", "name"),
        ("a.toml", '"10.0.0.0/99" = "office"\n', "10.0.0.0/99"),
        ("a.toml", '"10.0.0.0/8" = 5\n', "name"),
        ("a.toml", "networks = 5\n", "networks"),
        ("a.toml", "what is this", "TOML"),
        ("a.csv", "\xff", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, text, told):
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match=told):
        read_networks(tmp_path / name)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(SettingsError, match="check the path"):
        read_networks(tmp_path / "missing.toml")
