"""Brings any message into the form in which it is sent after DATA (RFC 5321, section 4.5.2)."""


def dot_stuff(message: bytes) -> bytes:
    """The message with CRLF at every line's end and with doubled dots at the start of lines.

    A bare CR or LF becomes CRLF, because it could end the message for one server and not for the next (SMTP smuggling).
    """
    without_crlf = message.replace(b"\r\n", b"")
    if b"\r" in without_crlf or b"\n" in without_crlf:
        message = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    message = message.replace(b"\r\n.", b"\r\n..")
    return b"." + message if message.startswith(b".") else message
