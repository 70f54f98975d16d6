"""What the pages need to show rows: patches taken apart, terminal output, events as sentences. No queries."""
