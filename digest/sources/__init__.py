"""The sources of news: fetching them politely, parsing them, and scheduling the next poll."""
