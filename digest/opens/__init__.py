"""How often stories are opened, counted without knowing by whom."""
