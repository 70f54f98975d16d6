"""Django's PostgreSQL backend on the embedded server, which it starts when it is first needed."""
