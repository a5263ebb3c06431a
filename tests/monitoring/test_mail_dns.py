"""What the records of a domain mean for our mails."""

import pytest

from digest.monitoring.pure import mail_dns


@pytest.mark.parametrize(
    ("records", "problem"),
    [
        (["v=spf1 a:mx.example.org -all"], ""),
        (["google-site-verification=x", "v=spf1 include:_spf.example.net ~all"], ""),
        (["v=spf1 redirect=_spf.example.net"], ""),
        ([], "has no SPF record"),
        (["v=spf10 -all"], "has no SPF record"),
        (["v=spf1 -all", "v=spf1 a -all"], "2 SPF records"),
        (["v=spf1 a +all"], "everybody"),
        (["v=spf1 a all"], "everybody"),
        (["v=spf1 a mx"], "excludes nobody"),
        (["v=spf1 " + " ".join(f"include:s{n}.example.net" for n in range(11)) + " -all"], "11 look-ups"),
        (["v=spf1 ip4:192.0.2.0/24 a/24 mx:b.example ip6:2001:db8::/32 -all"], ""),
    ],
)
def test_spf(records: list[str], problem: str) -> None:
    verdict = mail_dns.check_spf("example.org", records, ["mx.example.org"])
    assert problem in verdict.problem
    assert bool(verdict.problem) == bool(problem)
    assert verdict.record == ("v=spf1 a:mx.example.org -all" if problem else "")


@pytest.mark.parametrize(
    ("records", "problem"),
    [
        (["v=DMARC1; p=reject; rua=mailto:a@example.org"], ""),
        (["v=DMARC1;p=none"], ""),
        ([], "has no DMARC record"),
        (["v=spf1 -all"], "has no DMARC record"),
        (["v=DMARC1; p=none", "v=DMARC1; p=none"], "2 DMARC records"),
        (["v=DMARC1; rua=mailto:a@example.org"], "no policy"),
        (["v=DMARC1; p=maybe"], "no policy"),
    ],
)
def test_dmarc(records: list[str], problem: str) -> None:
    verdict = mail_dns.check_dmarc("example.org", records)
    assert problem in verdict.problem
    assert bool(verdict.problem) == bool(problem)
    assert (verdict.name == "_dmarc.example.org") == bool(problem)


def test_one_aligned_domain_is_enough() -> None:
    assert mail_dns.check_alignment("example.org", "example.org", []) == ""
    assert mail_dns.check_alignment("example.org", "relay.net", ["example.org"]) == ""
    assert "RETURN_PATH_DOMAIN" in mail_dns.check_alignment("example.org", "relay.net", ["relay.net"])


def test_names_of_servers() -> None:
    assert "no name" in mail_dns.check_server_name("192.0.2.1", [], [])
    assert "does not lead back" in mail_dns.check_server_name("192.0.2.1", ["mx.example.org"], [])
    assert mail_dns.check_server_name("192.0.2.1", ["mx.example.org"], ["mx.example.org"]) == ""
    assert "full host name" in mail_dns.check_hello_name("web1", resolves=False)
    assert "full host name" in mail_dns.check_hello_name("[127.0.0.1]", resolves=False)
    assert "can't be found" in mail_dns.check_hello_name("web1.example.org", resolves=False)
    assert mail_dns.check_hello_name("web1.example.org", resolves=True) == ""
