"""The addresses in settings: one reading of each, in ASCII, or an error that says what is wrong."""

import pytest

from digest.deliveries.messages.digest_message import SenderIdentity
from digest.mail.pure.header_fields import encode_header
from digest.own_addresses import NamedAddress, ascii_domain, ascii_host, parse_mailbox, parse_site_url
from tests.mail.test_header_fields import parsed


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("news@example.org", "", "news@example.org"),
        ("<news@example.org>", "", "news@example.org"),
        ("Morning Post <news@Example.ORG>", "Morning Post", "news@example.org"),
        ("Smith, Sons & Co. <news@example.org>", "Smith, Sons & Co.", "news@example.org"),
        ('"Smith, Sons" <news@example.org>', "Smith, Sons", "news@example.org"),
        ('"A \\"free\\" press" <news@example.org>', 'A "free" press', "news@example.org"),
        ('The "free <news@example.org>', 'The "free', "news@example.org"),
        ("Post@Night <news@example.org>", "Post@Night", "news@example.org"),
        ("Post; Night: (late) [x] <news@example.org>", "Post; Night: (late) [x]", "news@example.org"),
        ("Ural <South> Post <news@example.org>", "Ural <South> Post", "news@example.org"),
        ("Вести 👨‍👩‍👧 <news@вести.example>", "Вести 👨‍👩‍👧", "news@xn--b1agj9af.example"),
        ("=?utf-8?b?0JLQtdGB0YLQuA==?= <news@example.org>", "Вести", "news@example.org"),
        ('"" <news@example.org>', "", "news@example.org"),
    ],
)
def test_a_mailbox_is_read_once_and_written_so_that_programs_read_the_same(
    text: str, name: str, address: str
) -> None:
    mailbox = parse_mailbox(text)
    assert mailbox == NamedAddress(name, address)
    sender = SenderIdentity(mailbox, "", "Site", "https://news.example.org", "secret")
    [(name_of_field, value)] = sender.from_headers
    read_back = parsed(encode_header(name_of_field, value))["From"].addresses
    assert [(each.display_name, each.addr_spec) for each in read_back] == [(name, address)]
    assert sender.return_path("unused") == address
    assert sender.domain == address.partition("@")[2]


@pytest.mark.parametrize(
    "text",
    [
        "nobody", "Morning Post", "Morning Post <>", "a@example.org, b@example.org", "<a@example.org", "a@example.org>",
        "A <a@example.org>, B <b@example.org>", "news@example.org (Post)", "Post <ne ws@example.org>",
        "Post <новости@example.org>", "Post <news@exa mple.org>", "Post <news@-x-.example>", "Post <news@a..example>",
        "Post <news@☃.example>", "Post <news@my_host.example>", "Post <.news@example.org>", "Post\nBcc: x@example.org",
        f"Post <{'n' * 65}@example.org>", "Post\x00 <news@example.org>", "=?nonsense?b?AAAA?= <news@example.org>",
    ],
)  # fmt: skip
def test_what_is_no_mailbox_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"Dateline <news@example\.org>"):
        parse_mailbox(text)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("News.Example.ORG.", "news.example.org"),
        ("вести.example", "xn--b1agj9af.example"),
        ("weiß.example", "xn--wei-7ka.example"),
        ("xn--wei-7ka.example", "xn--wei-7ka.example"),
        ("example。org", "example.org"),
        ("web_1", "web_1"),
    ],
)
def test_a_host_is_written_in_lower_case_ascii(text: str, host: str) -> None:
    assert ascii_host(text) == host


@pytest.mark.parametrize(
    "text", ["", ".", "a..b", "-a.example", "a-.example", "a b.example", "a/b", "ж" * 80, "x" * 64, "a." * 130 + "a"]
)  # fmt: skip
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a host name"):
        ascii_host(text)


def test_a_domain_of_mail_has_no_underscore() -> None:
    with pytest.raises(ValueError, match="is not a domain"):
        ascii_domain("web_1.example")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://news.example.org", "https://news.example.org"),
        ("HTTPS://News.Example.org/", "https://news.example.org"),
        ("https://вести.example", "https://xn--b1agj9af.example"),
        ("https://вести.example:8443/лента/", "https://xn--b1agj9af.example:8443/%D0%BB%D0%B5%D0%BD%D1%82%D0%B0"),
        ("https://news.example.org/a%20b,c", "https://news.example.org/a%20b%2Cc"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("http://web_1:8000", "http://web_1:8000"),
        ("https://news.example.org:", "https://news.example.org"),
    ],
)  # fmt: skip
def test_the_address_of_the_site_can_stand_in_a_header_as_it_is(text: str, url: str) -> None:
    assert parse_site_url(text) == url
    assert encode_header("List-Help", f"<{url}>") == f"List-Help: <{url}>\r\n".encode()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("news.example.org", "none of http:"),
        ("ftp://news.example.org", "none of http:"),
        ("https://", "has no host"),
        ("https:///path", "has no host"),
        ("https://:8000", "has no host"),
        ("https://new s.example.org", "a space"),
        ("https://news.example.org/a b", "a space"),
        ("https://news.example.org\u00a0", "a space"),
        ("https://news.example.org/\x1f", "a control character"),
        ("https://news.example.org/#top", "before its"),
        ("https://news.example.org/?", "before its"),
        ("https://news.example.org?x=1", "before its"),
        ("https://ann:hush-hush@news.example.org", "no user name"),
        ("https://news.example.org:port", "Port"),
        ("https://news.example.org:0", "has no port"),
        ("https://news.example.org:70000", "Port"),
        ("https://news..example.org", "not a host name"),
        ("https://-news.example.org", "not a host name"),
        ("https://☃.example", "not a host name"),
        ("https://news.example.org\\path", "not a host name"),
        ("https://[::1", "IPv6"),
        ("https://[fe80::1%25eth0]", "zone"),
        ("https://news.example.org/100%", "two hexadecimal digits"),
    ],
)
def test_what_is_no_address_of_a_site_is_refused_with_an_example(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=r"example: https://news\.example\.org") as caught:
        parse_site_url(text)
    assert problem in str(caught.value)
    assert "hush-hush" not in str(caught.value)
