"""What every stage shares: places, diagnostics, the language's types."""
