"""The exit statuses of `dateline`, besides 0."""

UNAVAILABLE = 1  # a service did not answer, or a check failed
INVALID_INPUT = 2  # all or part of the input can't be used
TRY_AGAIN = (
    75  # EX_TEMPFAIL of sysexits.h: a mail server that pipes mails to us keeps the mail and tries again
)
