"""HTTP endpoints for programs: health, sources, webhooks of mail providers."""
