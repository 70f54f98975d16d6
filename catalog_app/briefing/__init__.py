"""What somebody asks for, from a text or a list, as wishes, vetoes and constraints. Pure."""
