"""How the site presents itself: its words, colour and logo, saved in the newsroom over what the environment says."""
