"""People, faces and photographs on a PostgreSQL server with pgvector: for a hub that has outgrown one machine."""
