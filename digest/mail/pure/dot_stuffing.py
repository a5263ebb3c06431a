"""A message as it goes over the wire behind DATA (RFC 5321, section 4.5.2), and back."""


def wired(message: bytes) -> bytes:
    """Every line ends with CRLF, and dots at line starts are doubled.

    A bare CR or LF would let a text end the message for one server and not for the next (SMTP smuggling).
    """
    lone = message.replace(b"\r\n", b"")
    if b"\r" in lone or b"\n" in lone:
        message = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    message = message.replace(b"\r\n.", b"\r\n..")
    return b"." + message if message.startswith(b".") else message


def unwired(octets: bytes) -> bytes:
    """The message as it was, without the doubled dots."""
    octets = octets.replace(b"\r\n..", b"\r\n.")
    return octets[1:] if octets.startswith(b".") else octets
