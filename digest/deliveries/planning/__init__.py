"""Who gets what: editions close over the news, and each subscriber with news gets a delivery."""
