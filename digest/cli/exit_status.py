"""The exit statuses of `dateline`, besides 0."""

UNAVAILABLE = 1  # a part did not answer, or a check failed
INVALID_INPUT = 2  # the input can't be used, or a part of it can't
TRY_AGAIN = (
    75  # EX_TEMPFAIL of sysexits.h: a mail server that pipes mails to us keeps this one and tries again
)
