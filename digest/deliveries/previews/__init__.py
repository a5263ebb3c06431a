"""What somebody would get, made by the code that sends, without sending."""
