"""What is really in a sealed delivery, by looking at the files: source, installers, documents."""
