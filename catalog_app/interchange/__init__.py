"""What curators say of a catalog: plain values (YAML, JSON, forms) to entries and back. Pure."""
