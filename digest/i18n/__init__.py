"""Languages: translation catalogues, and how dates, lists and digits are written."""
