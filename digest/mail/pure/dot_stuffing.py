"""Reads messages in the form in which they are sent after DATA (RFC 5321, section 4.5.2)."""


def dot_unstuff(octets: bytes) -> bytes:
    """The original message, without the doubled dots."""
    octets = octets.replace(b"\r\n..", b"\r\n.")
    return octets[1:] if octets.startswith(b".") else octets
