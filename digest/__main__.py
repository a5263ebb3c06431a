"""`python -m digest`: the `dateline` command."""

from digest.app import main

main()
