"""What a synthetic delivery holds besides rows: source trees, installers, documents, and the vendor's schema."""
