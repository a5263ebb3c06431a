"""Planning in the database: whom an edition reaches, a range of readers at a time, and nothing reader by reader."""
